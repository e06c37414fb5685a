import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { filesToTrust, setTrust, trustIn } from '../../orchestrator/config/trust.ts';
import { topOf } from '../../orchestrator/git/repository.ts';
import type { Outcome, Session } from '../session.ts';

type Options = { C: string; yes?: boolean; remove?: boolean };

/** `vtcode trust`: shows what a repository wants agents to follow and to set up, and trusts exactly that, once. */
export default async function trust(session: Session, given: Record<string, unknown>): Promise<Outcome> {
  const options = given as Options;
  const root = topOf(realpathSync(resolve(options.C)));
  const { configFile } = session.place;
  if (options.remove) {
    setTrust(configFile, root, []);
    session.emit({ root, trusted: [] });
    session.say(`Nothing of ${root} is trusted any more.`);
    return { exitCode: 0 };
  }
  const files = filesToTrust(root);
  const isTrusted = trustIn(configFile, root);
  const open = files.filter(({ path, text }) => !isTrusted(path, text));
  for (const { path, text } of open) session.say(`── ${path} ──`, text.trimEnd(), '');
  const accepted = open.length > 0 && (options.yes === true || (await asks(session, open.length)));
  if (accepted) setTrust(configFile, root, files);
  const words =
    open.length === 0
      ? files.length === 0
        ? 'There is nothing to trust'
        : 'All of it is trusted already'
      : accepted
        ? 'Trusted as it is now'
        : 'Not trusted';
  session.emit({
    root,
    files: files.map(({ path }) => path),
    open: open.map(({ path }) => path),
    trusted: open.length === 0 || accepted,
  });
  session.say(`${words}: ${files.map(({ path }) => path).join(', ') || root}`);
  if (open.length > 0 && !accepted) session.say('When you have read it: vtcode trust --yes');
  return { exitCode: open.length === 0 || accepted ? 0 : 3 };
}

async function asks(session: Session, count: number): Promise<boolean> {
  const { stdin, stdout } = session.process;
  if (session.json || stdin.isTTY !== true || stdout.isTTY !== true) return false;
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    const said = await terminal.question(
      `Let agents follow ${count === 1 ? 'this file' : `these ${count} files`} as they are now? [y]es, anything else: no  `,
    );
    return /^y(es)?$/i.test(said.trim());
  } finally {
    terminal.close();
  }
}
