import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Notify } from '../../ipc/config.ts';
import { toFault } from '../../ipc/fault.ts';
import type { Place } from '../../orchestrator/environment/environment.ts';
import { runDiff } from '../../orchestrator/operations/run-diff.ts';
import { runAtTerminal } from '../../supervisor/foreground.ts';
import { notifyPerson } from '../terminal/notify.ts';
import { openScreen, type Screen, type Terminal } from '../terminal/screen.ts';
import { safe } from '../text/safe-text.ts';
import { flat } from '../text/text.ts';
import { type Fleet, openFleet } from './all-runs.ts';
import { type DashboardData, dataMaker, wantsHosts } from './data.ts';
import { type Focus, focusOf } from './focus.ts';
import { clickDetail, clickRow, type Effect, type Order, paste, press, type Seen, turnRows } from './keys.ts';
import { type Listener, openListener } from './live-words.ts';
import { newsReader } from './news.ts';
import { type DashboardPanes, openPanes } from './panes.ts';
import { chosenRow, firstView, type View, visibleRows } from './state.ts';
import { partsOf } from './view.ts';

export type DashboardOptions = {
  place: Place;
  terminal: Terminal;
  all: boolean;
  notify: Notify[];
  /** Carries out a command of vtcode and answers what it said. May throw Faults. */
  obey(order: Order): Promise<string[]>;
  /** Sees to it that somebody starts hosts for runs that want one. */
  wake(): Promise<void>;
};

/** Between two looks: while hosts write, while they have written nothing for a while, and while there is none, in milliseconds. */
const lookMs = 300;
const quietMs = 400;
const idleMs = 1_000;
const quietAfterMs = 10_000;
/** A look may keep a key waiting for so long, and keys that come faster are drawn together, in milliseconds. */
const lookMsMost = 15;
const drawMs = 16;
const wakeEveryMs = 10_000;

/**
 * Shows the dashboard until the person leaves it, or the terminal is gone. Answers whether an order is under way still,
 * which nobody waits for.
 */
export async function runDashboard(options: DashboardOptions): Promise<boolean> {
  const ended = Promise.withResolvers<void>();
  const desk = newDesk(options, () => ended.resolve());
  const colours = options.place.environment.NO_COLOR ? 'none' : 'colours';
  try {
    desk.screen = await openScreen(options.terminal, colours, {
      paste(text) {
        desk.view = paste(desk.view, text);
        drawSoon(desk);
      },
      resize: () => drawSoon(desk),
      scrolled: () => drawSoon(desk),
      gone: desk.quit,
    });
    desk.panes = openPanes(desk.screen, eventsFor(desk));
    look(desk);
    await ended.promise;
    return desk.underWay > 0;
  } finally {
    clearTimeout(desk.lookTimer);
    clearTimeout(desk.drawTimer);
    desk.screen?.end();
    desk.fleet.close();
  }
}

/** Desk: what somebody at a dashboard has before them. */
type Desk = {
  options: DashboardOptions;
  fleet: Fleet;
  listener: Listener;
  screen: Screen | null;
  makeData: ReturnType<typeof dataMaker>;
  readNews: ReturnType<typeof newsReader>;
  data: DashboardData;
  view: View;
  focus: Focus | null;
  panes: DashboardPanes | null;
  seen: Seen;
  lookTimer: NodeJS.Timeout | undefined;
  drawTimer: NodeJS.Timeout | undefined;
  drawnAt: number;
  wokenAt: number;
  changedAt: number;
  /** Something changed since a person was last told what is new. */
  hasNews: boolean;
  /** Orders that are being carried out, and whether somebody wants to leave although. */
  underWay: number;
  leaves: boolean;
  quit(): void;
};

function newDesk(options: DashboardOptions, quit: () => void): Desk {
  const makeData = dataMaker();
  return {
    ...{ options, quit, makeData, readNews: newsReader(), fleet: openFleet(options.place, { all: options.all }) },
    listener: openListener(options.place),
    ...{ screen: null, data: makeData([], Date.now()), view: firstView, focus: null, panes: null },
    seen: { rows: [], chosen: undefined, focus: null, page: 1 },
    ...{
      lookTimer: undefined,
      drawTimer: undefined,
      drawnAt: -Infinity,
      wokenAt: -Infinity,
      changedAt: -Infinity,
      hasNews: false,
      underWay: 0,
      leaves: false,
    },
  };
}

/** Looks at the fleet, draws what changed, and has itself called again. */
function look(desk: Desk): void {
  const { fleet, options } = desk;
  const changed = fleet.look(lookMsMost);
  const isBehind = fleet.isBehind();
  const time = Date.now();
  const hears = desk.listener.listen(fleet.watched.get(desk.seen.chosen?.row?.run ?? ''));
  // Ages count seconds: while nothing happens a frame is worth making once in each.
  if (changed || hears || Math.floor(time / 1000) !== Math.floor(desk.data.now / 1000)) {
    desk.data = desk.makeData(fleet.watched.values(), time);
    draw(desk);
  }
  desk.hasNews ||= changed;
  if (desk.hasNews && !isBehind) {
    desk.hasNews = false;
    for (const { text } of desk.readNews(fleet.watched.values()))
      notifyPerson({ ...options, environment: options.place.environment, screen: desk.screen }, text);
  }
  if (wantsHosts(desk.data) && performance.now() - desk.wokenAt > wakeEveryMs) {
    desk.wokenAt = performance.now();
    void options.wake().catch(() => {}); // what keeps runs alive is no concern of who looks on
  }
  if (changed) desk.changedAt = performance.now();
  const busyMs = performance.now() - desk.changedAt < quietAfterMs ? lookMs : quietMs;
  const pauseMs = isBehind ? 1 : desk.data.totals.runs > 0 ? busyMs : idleMs;
  desk.lookTimer = setTimeout(() => look(desk), pauseMs);
}

function draw(desk: Desk): void {
  clearTimeout(desk.drawTimer);
  desk.drawTimer = undefined;
  desk.drawnAt = performance.now();
  const { panes } = desk;
  if (!panes) return;
  remember(desk);
  const parts = partsOf(desk.data, desk.focus, desk.view, panes.widths());
  desk.view = parts.view;
  panes.show(parts);
}

function drawSoon(desk: Desk): void {
  desk.drawTimer ??= setTimeout(() => draw(desk), Math.max(0, desk.drawnAt + drawMs - performance.now()));
}

/** Takes note of what a key may refer to, by the view as it is now. */
function remember(desk: Desk): void {
  const rows = visibleRows(desk.data, desk.view);
  const chosen = chosenRow(rows, desk.view);
  const watched = desk.fleet.watched.get(chosen?.row?.run ?? '');
  desk.focus = watched ? focusOf(watched, chosen?.row?.agent ?? null, desk.listener.of) : null;
  desk.seen = { rows, chosen, focus: desk.focus, page: Math.max(1, (desk.screen?.size().height ?? 24) - 6) };
}

function eventsFor(desk: Desk) {
  const change = (view: View) => {
    desk.view = view;
    drawSoon(desk);
  };
  return {
    key(name: string, text: string) {
      const { view, effect } = press(desk.view, name, text, desk.seen);
      desk.view = view;
      // What comes next in the same read is meant for what this key made of the screen.
      remember(desk);
      if (effect?.kind !== 'quit') desk.leaves = false;
      if (effect) void carryOut(desk, effect);
      drawSoon(desk);
    },
    tree: {
      click: (line: number) => change(clickRow(desk.view, desk.seen.rows[line], desk.seen)),
      wheel: (lines: number) => change(turnRows(desk.view, lines, desk.seen)),
    },
    detail: { click: () => change(clickDetail(desk.view)) },
  };
}

function say(desk: Desk, message: string): void {
  desk.view = { ...desk.view, message: flat(message) };
  drawSoon(desk);
}

async function carryOut(desk: Desk, effect: Effect): Promise<void> {
  if (effect.kind === 'copy') return desk.screen?.send(`\x1b]52;c;${Buffer.from(effect.text).toString('base64')}\x07`);
  if (effect.kind === 'scroll') return desk.panes?.scrollDetail(effect.lines);
  if (effect.kind === 'quit') {
    if (desk.underWay === 0 || desk.leaves) return desk.quit();
    desk.leaves = true;
    return say(desk, 'An order is under way; q once more leaves it where it is.');
  }
  desk.underWay += 1;
  try {
    if (effect.kind === 'diff') return say(desk, await openDiff(desk, effect));
    const { command, words } = effect.order;
    say(desk, `vtcode ${command} ${words.join(' ')} …`);
    say(desk, (await desk.options.obey(effect.order)).join('  '));
  } catch (error) {
    const { message, advice } = toFault(error);
    say(desk, advice ? `${message}  ${advice}` : message);
  } finally {
    desk.underWay -= 1;
  }
}

async function openDiff(
  { options: { place }, fleet, screen }: Desk,
  { run, agent }: { run: string; agent: string | null },
): Promise<string> {
  const watched = fleet.watched.get(run);
  if (!watched?.state || !screen) return `${run} cannot be read.`;
  const touched = [...watched.record.agents.values()].flatMap(({ files }) => [...files]);
  const text = await runDiff(place, watched.state, agent, touched);
  if (text === '') return 'Nothing has changed there.';
  const folder = mkdtempSync(join(tmpdir(), 'vtcode-diff-'));
  try {
    const file = join(folder, `${agent ?? run}.diff`.replaceAll('/', '.'));
    writeFileSync(file, safe(text), { mode: 0o600 });
    const pager = place.environment.PAGER || 'less';
    await screen.lend(() => runAtTerminal(['sh', '-c', `${pager} "$1"`, 'sh', file], place.environment));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return '';
}
