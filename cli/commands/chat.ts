import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import { loadConfig } from '../../orchestrator/config/config.ts';
import { createLoneRun } from '../../orchestrator/operations/create-lone-run.ts';
import { conversationsIn } from '../../orchestrator/runs/conversations.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { isHeld } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import { chatByLines } from '../attached/chat-lines.ts';
import { type Commands, obeyOrder } from '../attached/obey-order.ts';
import { offerTrust } from '../attached/offer-trust.ts';
import { type PermissionOptions, permissionsOf } from '../attached/permissions.ts';
import { summaryText } from '../attached/summary-text.ts';
import type { Outcome, Session } from '../session.ts';

type Options = { C: string; continue?: boolean; plain?: boolean } & PermissionOptions;

/**
 * `vtcode chat`: a conversation with one agent in the folder. It is a run like any other: every word of it is in the log, so
 * it can be left, killed and gone on with.
 */
export default async function chat(
  session: Session,
  given: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const options = given as Options;
  const folder = realpathSync(resolve(options.C));
  const permissions = permissionsOf(options);
  const named = words[0]?.startsWith('run_') ? requireRun(session.place, words[0]) : null;
  if ((options.continue || named !== null) && Object.keys(permissions).length > 0)
    throw new Fault('usage', 'A conversation keeps the permissions that it began with.', {
      advice: 'Leave out --auto and --read-only, or begin another: vtcode chat --auto',
    });
  return converse(session, {
    ...{ folder, plain: options.plain === true, permissions },
    run: options.continue ? newestIn(session, folder) : named,
    words: named === null && !options.continue ? words.join(' ').trim() : '',
  });
}

/** Goes on with a conversation in its own folder. */
export async function goOnTalking(session: Session, run: string): Promise<Outcome> {
  const { state } = await readRun(session.place, run);
  const { options, repository } = state.created;
  const { permissions } = options;
  return converse(session, {
    ...{ folder: repository.root, plain: false, run, words: '' },
    permissions: permissions === undefined ? {} : { permissions },
  });
}

/** The commands that a chat carries out for other runs. */
const commands: Commands = { approve: () => import('./approve.ts'), deny: () => import('./deny.ts') };

type Wanted = {
  folder: string;
  plain: boolean;
  permissions: ReturnType<typeof permissionsOf>;
  run: string | null;
  words: string;
};

async function converse(session: Session, wanted: Wanted): Promise<Outcome> {
  const { folder, run, words, permissions } = wanted;
  const begin = (said: string) =>
    createLoneRun(session.place, {
      ...{ directory: folder, mode: 'chat' as const, goal: said, images: [], options: permissions },
    });
  if (run === null) await offerTrust(session, folder);
  const [input, output] = [session.process.stdin, session.process.stdout];
  const { TERM } = session.place.environment;
  if (wanted.plain || session.json || !input.isTTY || !output.isTTY || TERM === 'dumb')
    return chatByLines(session, run, words, begin);
  const { runChat } = await import('../../tui/chat/chat.ts');
  const { screen } = loadConfig(session.place.configFile, null).config;
  const left = await runChat({
    ...{ place: session.place, terminal: { input, output }, folder, notify: screen.notify, run, words, begin },
    permissions: permissions.permissions ?? 'ask',
    obey: (order) => obeyOrder(session, order, commands),
    summary: summaryText,
  });
  if (left === null) return { exitCode: 0 };
  const { manifest, state } = await readRun(session.place, left);
  if (!state.finished) session.say(`Left ${left}. Go on with: vtcode chat --continue`);
  return { exitCode: 0, run: left, manifest };
}

/** The most recent conversation of this folder that no process has open. Throws run_unknown. */
function newestIn(session: Session, folder: string): string {
  const all = conversationsIn(session.place, folder);
  const newest = all.find(({ created }) => !isHeld(runPaths(session.place.state, created.run).lease)) ?? all[0];
  if (newest) return newest.created.run;
  throw new Fault('run_unknown', `There is no conversation in ${folder} to go on with.`, {
    advice: 'Begin one: vtcode chat',
  });
}
