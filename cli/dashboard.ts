import { Fault } from '../ipc/fault.ts';
import { dataMaker } from '../tui/dashboard-data.ts';
import { chosenRow, firstView, visibleRows } from '../tui/dashboard-state.ts';
import { frame, frameText, smallest } from '../tui/dashboard-view.ts';
import { openFleet } from '../tui/fleet.ts';
import { focusOf } from '../tui/focus.ts';
import type { Outcome, Session } from './session.ts';

/** A frame that nobody asked a size for is as large as the terminal, or this. */
const usual = { width: 120, height: 40 };

/** `vtcode dashboard`: every agent on this machine. `--once` prints one frame, with `--json` what it is made of. */
export default async function dashboard(session: Session, options: Record<string, unknown>): Promise<Outcome> {
  const fleet = openFleet(session.place, { all: options.all === true });
  try {
    do fleet.look(Number.POSITIVE_INFINITY);
    while (fleet.isBehind());
    const data = dataMaker()(fleet.watched.values(), Date.now());
    const row = chosenRow(visibleRows(data, firstView), firstView)?.row;
    const watched = fleet.watched.get(row?.run ?? '');
    const focus = watched ? focusOf(watched, row?.agent ?? null) : null;
    session.emit({ ...data, focus });
    const size = {
      width: sizeOf(options.width, process.stdout.columns ?? usual.width, smallest.width),
      height: sizeOf(options.height, process.stdout.rows ?? usual.height, smallest.height),
    };
    session.say(frameText(frame(data, focus, firstView, size)));
    return { exitCode: 0 };
  } finally {
    fleet.close();
  }
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
