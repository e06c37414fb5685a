import { Fault } from '../../ipc/fault.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import type { Order } from '../../tui/dashboard/keys.ts';
import type { Act, Session } from '../session.ts';

/** Commands that can be said on a screen, by their names: they are the same as in a shell. */
export type Commands = Record<string, () => Promise<{ default: Act }>>;

/** Carries out a command and answers what it says, instead of printing it. */
export async function obeyOrder(
  session: Session,
  { command, words, options }: Order,
  commands: Commands,
): Promise<string[]> {
  const load = commands[command];
  if (!load) throw new Fault('bug', `There is no order '${command}'.`);
  await refuseOwnWork(session, command, words[0] ?? '');
  const said: string[] = [];
  const collect = (...lines: string[]) => void said.push(...lines);
  const quiet: Session = { ...session, early: null, json: true, say: collect, warn: collect, emit: () => {} };
  await (await load()).default(quiet, options, words);
  return said;
}

/** A screen works on no other run than its own: commands that would do so belong in another terminal. */
async function refuseOwnWork(session: Session, command: string, run: string): Promise<void> {
  if (!/^(resume|restart|approve)$/.test(command) || !run.startsWith('run_')) return;
  const { state, live } = await readRun(session.place, run);
  if (state.created.options.detached === true || state.finished || (live && command === 'approve')) return;
  throw new Fault('usage', `${run} was started without --detach: this screen cannot work on it.`, {
    advice: `In a terminal of its own: vtcode ${command === 'approve' ? 'approve' : 'resume'} ${run}`,
  });
}
