import { Fault } from '../ipc/fault.ts';
import { loadConfig } from '../orchestrator/config.ts';
import { ensureSupervise } from '../orchestrator/detach.ts';
import { readRun } from '../orchestrator/read-run.ts';
import { dataMaker, wantsHosts } from '../tui/dashboard-data.ts';
import type { Order } from '../tui/dashboard-keys.ts';
import { chosenRow, firstView, visibleRows } from '../tui/dashboard-state.ts';
import { frame, frameText, smallest } from '../tui/dashboard-view.ts';
import { openFleet } from '../tui/fleet.ts';
import { focusOf } from '../tui/focus.ts';
import type { Act, Outcome, Session } from './session.ts';

/** A frame that nobody asked a size for is as large as the terminal, or this. */
const usual = { width: 120, height: 40 };

/** `vtcode dashboard`: every agent on this machine. `--once` prints one frame, with `--json` what it is made of. */
export default async function dashboard(session: Session, options: Record<string, unknown>): Promise<Outcome> {
  if (session.json || options.once === true) return printOnce(session, options);
  const [input, output] = [process.stdin, process.stdout];
  if (!input.isTTY || !output.isTTY || session.place.environment.TERM === 'dumb')
    throw new Fault('usage', 'The dashboard needs a terminal.', {
      advice: 'vtcode dashboard --once prints one frame as text, with --json its data.',
    });
  const { runDashboard } = await import('../tui/dashboard.ts');
  const { screen } = loadConfig(session.place.configFile, null).config;
  const obey = (order: Order) => obeyOrder(session, order);
  const wake = () => ensureSupervise(session.place);
  const { place } = session;
  const given = { place, terminal: { input, output }, all: options.all === true, notify: screen.notify };
  // An order may take minutes, such as a stop that lets work finish. It is in the log by then, or was never given.
  if (await runDashboard({ ...given, obey, wake })) process.exit(0);
  return { exitCode: 0 };
}

async function printOnce(session: Session, options: Record<string, unknown>): Promise<Outcome> {
  const size = {
    width: sizeOf(options.width, process.stdout.columns ?? usual.width, smallest.width),
    height: sizeOf(options.height, process.stdout.rows ?? usual.height, smallest.height),
  };
  const fleet = openFleet(session.place, { all: options.all === true });
  try {
    do fleet.look(Number.POSITIVE_INFINITY);
    while (fleet.isBehind());
    const data = dataMaker()(fleet.watched.values(), Date.now());
    if (wantsHosts(data)) await ensureSupervise(session.place);
    const row = chosenRow(visibleRows(data, firstView), firstView)?.row;
    const watched = fleet.watched.get(row?.run ?? '');
    const focus = watched ? focusOf(watched, row?.agent ?? null) : null;
    session.emit({ ...data, focus });
    session.say(frameText(frame(data, focus, firstView, size)));
    return { exitCode: 0 };
  } finally {
    fleet.close();
  }
}

/** The commands that can be said on the screen: they are the same as in a shell. */
const commands: Record<string, () => Promise<{ default: Act }>> = {
  approve: () => import('./approve.ts'),
  deny: () => import('./deny.ts'),
  say: () => import('./say.ts'),
  pause: () => import('./pause.ts'),
  resume: () => import('./resume.ts'),
  stop: () => import('./stop.ts'),
  restart: () => import('./restart.ts'),
  undo: () => import('./undo.ts'),
};

/** Carries out a command and answers what it says, instead of printing it. */
async function obeyOrder(session: Session, { command, words, options }: Order): Promise<string[]> {
  const load = commands[command];
  if (!load) throw new Fault('bug', `There is no order '${command}'.`);
  await refuseOwnWork(session, command, words[0] ?? '');
  const said: string[] = [];
  const collect = (...lines: string[]) => void said.push(...lines);
  const quiet: Session = { ...session, early: null, json: true, say: collect, warn: collect, emit: () => {} };
  await (await load()).default(quiet, options, words);
  return said;
}

/** A dashboard hosts nothing: a run that would be worked on by whoever says the word is for a terminal of its own. */
async function refuseOwnWork(session: Session, command: string, run: string): Promise<void> {
  if (!/^(resume|restart|approve)$/.test(command) || !run.startsWith('run_')) return;
  const { state, live } = await readRun(session.place, run);
  if (state.created.options.detached === true || state.finished || (live && command === 'approve')) return;
  throw new Fault('usage', `${run} was started without --detach: this screen cannot work on it.`, {
    advice: `In a terminal of its own: vtcode ${command === 'approve' ? 'approve' : 'resume'} ${run}`,
  });
}

/** Throws usage. */
function sizeOf(wanted: unknown, otherwise: number, least: number): number {
  if (wanted === undefined) return Math.max(otherwise, least);
  const size = Number(wanted);
  if (Number.isInteger(size) && size >= least && size <= 10_000) return size;
  throw new Fault('usage', `'${String(wanted)}' is no size of a screen.`, {
    advice: `Give a whole number: --width from ${smallest.width}, --height from ${smallest.height}.`,
  });
}
