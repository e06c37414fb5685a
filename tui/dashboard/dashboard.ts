import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Notify } from '../../ipc/config.ts';
import { toFault } from '../../ipc/fault.ts';
import type { UserEnvironment } from '../../orchestrator/environment/environment.ts';
import { runDiff } from '../../orchestrator/operations/run-diff.ts';
import { runAtTerminal } from '../../supervisor/foreground.ts';
import { notifyPerson } from '../terminal/notify.ts';
import { openScreen, type Screen, type Terminal } from '../terminal/screen.ts';
import { safe } from '../text/safe-text.ts';
import { flat } from '../text/text.ts';
import { type AllRuns, openAllRuns } from './all-runs.ts';
import { type DashboardData, dataMaker, wantsHosts } from './data.ts';
import { type Focus, focusOf } from './focus.ts';
import { clickDetail, clickRow, type Effect, type Order, paste, press, type Seen, turnRows } from './keys.ts';
import { type LiveAnswers, openLiveAnswers } from './live-answers.ts';
import { newsReader } from './news.ts';
import { type DashboardPanes, openPanes } from './panes.ts';
import { chosenRow, firstView, type View, visibleRows } from './state.ts';
import { partsOf } from './view.ts';

export type DashboardOptions = {
  place: UserEnvironment;
  terminal: Terminal;
  all: boolean;
  notify: Notify[];
  /** Carries out a command of vtcode and answers what it said. May throw Faults. */
  obey(order: Order): Promise<string[]>;
  /** Makes sure that `supervise` runs, which starts the hosts that runs wait for. */
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
  const app = newApp(options, () => ended.resolve());
  const colours = options.place.environment.NO_COLOR ? 'none' : 'colours';
  try {
    app.screen = await openScreen(options.terminal, colours, {
      paste(text) {
        app.view = paste(app.view, text);
        drawSoon(app);
      },
      resize: () => drawSoon(app),
      scrolled: () => drawSoon(app),
      gone: app.quit,
    });
    app.panes = openPanes(app.screen, eventsFor(app));
    look(app);
    await ended.promise;
    return app.underWay > 0;
  } finally {
    clearTimeout(app.lookTimer);
    clearTimeout(app.drawTimer);
    app.screen?.end();
    app.allRuns.close();
  }
}

/** DashboardApp: the state of an open dashboard. */
type DashboardApp = {
  options: DashboardOptions;
  allRuns: AllRuns;
  listener: LiveAnswers;
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
  /** Orders that are being carried out, and whether q was pressed once while there are any. */
  underWay: number;
  leaves: boolean;
  quit(): void;
};

function newApp(options: DashboardOptions, quit: () => void): DashboardApp {
  const makeData = dataMaker();
  return {
    ...{ options, quit, makeData, readNews: newsReader(), allRuns: openAllRuns(options.place, { all: options.all }) },
    listener: openLiveAnswers(options.place),
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

/** Looks at all runs, draws what changed, and has itself called again. */
function look(app: DashboardApp): void {
  const { allRuns, options } = app;
  const changed = allRuns.look(lookMsMost);
  const isBehind = allRuns.isBehind();
  const time = Date.now();
  const hears = app.listener.listen(allRuns.watched.get(app.seen.chosen?.row?.run ?? ''));
  // Ages count seconds: while nothing happens a frame is worth making once in each.
  if (changed || hears || Math.floor(time / 1000) !== Math.floor(app.data.now / 1000)) {
    app.data = app.makeData(allRuns.watched.values(), time);
    draw(app);
  }
  app.hasNews ||= changed;
  if (app.hasNews && !isBehind) {
    app.hasNews = false;
    for (const { text } of app.readNews(allRuns.watched.values()))
      notifyPerson({ ...options, environment: options.place.environment, screen: app.screen }, text);
  }
  if (wantsHosts(app.data) && performance.now() - app.wokenAt > wakeEveryMs) {
    app.wokenAt = performance.now();
    void options.wake().catch(() => {}); // what keeps runs alive is no concern of who looks on
  }
  if (changed) app.changedAt = performance.now();
  const busyMs = performance.now() - app.changedAt < quietAfterMs ? lookMs : quietMs;
  const pauseMs = isBehind ? 1 : app.data.totals.runs > 0 ? busyMs : idleMs;
  app.lookTimer = setTimeout(() => look(app), pauseMs);
}

function draw(app: DashboardApp): void {
  clearTimeout(app.drawTimer);
  app.drawTimer = undefined;
  app.drawnAt = performance.now();
  const { panes } = app;
  if (!panes) return;
  remember(app);
  const parts = partsOf(app.data, app.focus, app.view, panes.widths());
  app.view = parts.view;
  panes.show(parts);
}

function drawSoon(app: DashboardApp): void {
  app.drawTimer ??= setTimeout(() => draw(app), Math.max(0, app.drawnAt + drawMs - performance.now()));
}

/** Takes note of what a key may refer to, by the view as it is now. */
function remember(app: DashboardApp): void {
  const rows = visibleRows(app.data, app.view);
  const chosen = chosenRow(rows, app.view);
  const watched = app.allRuns.watched.get(chosen?.row?.run ?? '');
  app.focus = watched ? focusOf(watched, chosen?.row?.agent ?? null, app.listener.of) : null;
  app.seen = { rows, chosen, focus: app.focus, page: Math.max(1, (app.screen?.size().height ?? 24) - 6) };
}

function eventsFor(app: DashboardApp) {
  const change = (view: View) => {
    app.view = view;
    drawSoon(app);
  };
  return {
    key(name: string, text: string) {
      const { view, effect } = press(app.view, name, text, app.seen);
      app.view = view;
      // What comes next in the same read is meant for what this key made of the screen.
      remember(app);
      if (effect?.kind !== 'quit') app.leaves = false;
      if (effect) void carryOut(app, effect);
      drawSoon(app);
    },
    tree: {
      click: (line: number) => change(clickRow(app.view, app.seen.rows[line], app.seen)),
      wheel: (lines: number) => change(turnRows(app.view, lines, app.seen)),
    },
    detail: { click: () => change(clickDetail(app.view)) },
  };
}

function say(app: DashboardApp, message: string): void {
  app.view = { ...app.view, message: flat(message) };
  drawSoon(app);
}

async function carryOut(app: DashboardApp, effect: Effect): Promise<void> {
  if (effect.kind === 'copy') return app.screen?.send(`\x1b]52;c;${Buffer.from(effect.text).toString('base64')}\x07`);
  if (effect.kind === 'scroll') return app.panes?.scrollDetail(effect.lines);
  if (effect.kind === 'quit') {
    if (app.underWay === 0 || app.leaves) return app.quit();
    app.leaves = true;
    return say(app, 'An order is under way; q once more leaves it where it is.');
  }
  app.underWay += 1;
  try {
    if (effect.kind === 'diff') return say(app, await openDiff(app, effect));
    const { command, words } = effect.order;
    say(app, `vtcode ${command} ${words.join(' ')} …`);
    say(app, (await app.options.obey(effect.order)).join('  '));
  } catch (error) {
    const { message, advice } = toFault(error);
    say(app, advice ? `${message}  ${advice}` : message);
  } finally {
    app.underWay -= 1;
  }
}

async function openDiff(
  { options: { place }, allRuns, screen }: DashboardApp,
  { run, agent }: { run: string; agent: string | null },
): Promise<string> {
  const watched = allRuns.watched.get(run);
  if (!watched?.state || !screen) return `${run} cannot be read.`;
  const touched = [...watched.history.agents.values()].flatMap(({ files }) => [...files]);
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
