import { Fault } from '../../ipc/fault.ts';
import { loadConfig } from '../../orchestrator/config/config.ts';
import { ensureSupervise } from '../../orchestrator/runs/detach.ts';
import { openAllRuns } from '../../tui/dashboard/all-runs.ts';
import { dataMaker, wantsHosts } from '../../tui/dashboard/data.ts';
import { focusOf } from '../../tui/dashboard/focus.ts';
import type { Order } from '../../tui/dashboard/keys.ts';
import { chosenRow, firstView, visibleRows } from '../../tui/dashboard/state.ts';
import { frame, frameText, smallest } from '../../tui/dashboard/view.ts';
import { type Commands, obeyOrder } from '../attached/obey-order.ts';
import type { Outcome, Session } from '../session.ts';

/** The size of a printed frame without --width and --height, and without a terminal, in cells. */
const usual = { width: 120, height: 40 };

/** `vtcode dashboard`: every agent on this machine. `--once` prints one frame, with `--json` what it is made of. */
export default async function dashboard(session: Session, options: Record<string, unknown>): Promise<Outcome> {
  if (session.json || options.once === true) return printOnce(session, options);
  const [input, output] = [session.process.stdin, session.process.stdout];
  if (!input.isTTY || !output.isTTY || session.place.environment.TERM === 'dumb')
    throw new Fault('usage', 'The dashboard needs a terminal.', {
      advice: 'vtcode dashboard --once prints one frame as text, with --json its data.',
    });
  const { runDashboard } = await import('../../tui/dashboard/dashboard.ts');
  const { screen } = loadConfig(session.place.configFile, null).config;
  const obey = (order: Order) => obeyOrder(session, order, commands);
  const wake = () => ensureSupervise(session.place);
  const { place } = session;
  const given = { place, terminal: { input, output }, all: options.all === true, notify: screen.notify };
  // An order may take minutes, such as a stop that lets work finish. It is in the log by then, or was never given.
  if (await runDashboard({ ...given, obey, wake })) session.process.exit(0);
  return { exitCode: 0 };
}

async function printOnce(session: Session, options: Record<string, unknown>): Promise<Outcome> {
  const size = {
    width: sizeOf(options.width, session.process.stdout.columns ?? usual.width, smallest.width),
    height: sizeOf(options.height, session.process.stdout.rows ?? usual.height, smallest.height),
  };
  const allRuns = openAllRuns(session.place, { all: options.all === true });
  try {
    do allRuns.look(Number.POSITIVE_INFINITY);
    while (allRuns.isBehind());
    const data = dataMaker()(allRuns.watched.values(), Date.now());
    if (wantsHosts(data)) await ensureSupervise(session.place);
    const row = chosenRow(visibleRows(data, firstView), firstView)?.row;
    const watched = allRuns.watched.get(row?.run ?? '');
    const focus = watched ? focusOf(watched, row?.agent ?? null) : null;
    session.emit({ ...data, focus });
    session.say(frameText(frame(data, focus, firstView, size)));
    return { exitCode: 0 };
  } finally {
    allRuns.close();
  }
}

const commands: Commands = {
  approve: () => import('./approve.ts'),
  deny: () => import('./deny.ts'),
  say: () => import('./say.ts'),
  pause: () => import('./pause.ts'),
  resume: () => import('./resume.ts'),
  stop: () => import('./stop.ts'),
  restart: () => import('./restart.ts'),
  undo: () => import('./undo.ts'),
  retry: () => import('./retry.ts'),
};

/** Throws usage. */
function sizeOf(wanted: unknown, otherwise: number, least: number): number {
  if (wanted === undefined) return Math.max(otherwise, least);
  const size = Number(wanted);
  if (Number.isInteger(size) && size >= least && size <= 10_000) return size;
  throw new Fault('usage', `'${String(wanted)}' is no size of a screen.`, {
    advice: `Give a whole number: --width from ${smallest.width}, --height from ${smallest.height}.`,
  });
}
