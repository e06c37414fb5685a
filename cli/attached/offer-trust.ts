import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { declineTrust, filesToTrust, setTrust, trustIn, wasDeclined } from '../../orchestrator/config/trust.ts';
import { topOf } from '../../orchestrator/git/repository.ts';
import type { Session } from '../session.ts';

/**
 * Asks the person at the terminal once whether agents may follow the notes that a folder brings (AGENTS.md and the like),
 * before a run starts in it. Without an answer the notes are left out, and an agent that reads them is trusted less. A no
 * is remembered until a file changes. Nothing is asked where no person is.
 */
export async function offerTrust(session: Session, directory: string): Promise<void> {
  const { stdin, stdout } = session.process;
  if (session.json || stdin.isTTY !== true || stdout.isTTY !== true) return;
  const root = topOf(realpathSync(resolve(directory)));
  const { configFile } = session.place;
  const files = filesToTrust(root);
  const isTrusted = trustIn(configFile, root);
  const isDeclined = wasDeclined(configFile, root);
  const open = files.filter(({ path, text }) => !isTrusted(path, text) && !isDeclined(path, text));
  if (open.length === 0) return;
  const list = open.map(({ path, text }) => `${path} (${text.split('\n').length} lines)`).join(', ');
  session.say(`This folder has notes for agents: ${list}.`);
  for (;;) {
    const said = await ask(session, 'Let agents follow them? [y]es, [s]how them, [n]o, anything else: not now  ');
    if (/^s/i.test(said)) for (const { path, text } of open) session.say(`── ${path} ──`, text.trimEnd(), '');
    else {
      if (/^y/i.test(said)) setTrust(configFile, root, files);
      else if (/^n/i.test(said)) declineTrust(configFile, root, open);
      return;
    }
  }
}

async function ask({ process: { stdin, stdout } }: Session, question: string): Promise<string> {
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    // Ctrl+D closes the terminal without an answer.
    const closed = new Promise<string>((done) => terminal.once('close', () => done('')));
    return (await Promise.race([terminal.question(question), closed])).trim();
  } finally {
    terminal.close();
  }
}
