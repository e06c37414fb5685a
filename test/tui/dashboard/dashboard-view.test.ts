import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { userEnvironment } from '../../../orchestrator/environment/environment.ts';
import { runPaths } from '../../../state/paths.ts';
import { openAllRuns } from '../../../tui/dashboard/all-runs.ts';
import { type DashboardData, dataMaker } from '../../../tui/dashboard/data.ts';
import { focusOf } from '../../../tui/dashboard/focus.ts';
import { type DashboardPanes, openPanes } from '../../../tui/dashboard/panes.ts';
import { firstView, type View, visibleRows } from '../../../tui/dashboard/state.ts';
import { frame, frameText, partsOf } from '../../../tui/dashboard/view.ts';
import { openScreen } from '../../../tui/terminal/screen.ts';
import { fitLine, textOf } from '../../../tui/text/text.ts';
import { widthOf } from '../../../tui/text/width.ts';
import { type EmulatedTerminal, emulatedTerminal } from '../../support/emulated-terminal.ts';
import { simulateRun } from '../../support/fleet.ts';
import { random } from '../../support/random.ts';
import { temporaryFolder } from '../../support/repository.ts';

/**
 * Goal: frames show what logs and leases say, in every size, whatever agents wrote into them.
 * Method: real logs of simulated runs, drawn as text without a terminal.
 */
const folder = temporaryFolder('view');
const place = userEnvironment({ XDG_STATE_HOME: folder });
const evil = 'cleared \x1b[2J\x1b]0;evil\x07 \u202eback 漢字 🚀 \x9b1A';
const first = simulateRun(place.state, {
  agents: 4,
  random: random(1),
  goal: 'the older goal',
  root: '/work/one',
  detached: true,
});
const second = simulateRun(place.state, {
  agents: 12,
  random: random(2),
  goal: `goal ${evil}`,
  root: '/work/two',
  says: evil,
});
first.step(300);
second.step(300);
const asked = {
  ...{
    type: 'approval.requested' as const,
    approval: 'abcde',
    agent: 'task-2',
    call: 'task-2-1',
    rule: 'git push asks',
  },
  exact: {
    ...{ tool: 'run_command', summary: `git push ${evil}`, command: `git push ${evil}`, directory: '/work/two' },
    ...{ environment: {}, files: [], reads: [], paths: [], digest: 'd' },
  },
  ...{ risk: 'beyond' as const, deadline: '2099-01-01T00:00:00.000Z', default: 'deny' as const },
};
second.write(asked);
first.crash();

const allRuns = openAllRuns(place, { all: false });
do allRuns.look(Number.POSITIVE_INFINITY);
while (allRuns.isBehind());
after(() => {
  allRuns.close();
  first.close();
  second.close();
  rmSync(folder, { recursive: true, force: true });
});

const data = (now = Date.now()): DashboardData => dataMaker()(allRuns.watched.values(), now);
const focus = (run: string, agent: string | null) => focusOf(allRuns.watched.get(run)!, agent);
const states = (rows: DashboardData['rows']) => new Map(rows.map(({ key, row }) => [key, row?.state]));

test('every line of every frame has the width that was asked for, and holds no control character', () => {
  const views: Partial<View>[] = [
    {},
    { pane: 'detail' },
    { help: true },
    { prompt: { kind: 'filter', text: evil } },
    { message: evil },
  ];
  for (const [width, height] of [
    [60, 15],
    [80, 24],
    [109, 30],
    [110, 30],
    [160, 50],
    [400, 120],
  ] as const)
    for (const view of views)
      for (const agent of [null, 'task-2']) {
        const { lines } = frame(data(), focus(second.run, agent), { ...firstView, ...view }, { width, height });
        assert.equal(lines.length, height);
        for (const line of lines) {
          assert.equal(widthOf(textOf(line)), width, `${width}x${height}: ${JSON.stringify(textOf(line))}`);
          assert.doesNotMatch(textOf(line), /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        }
      }
});

test('a run whose host is gone is nowhere shown as working; one that waits for a person says so', () => {
  const { rows, alerts, totals } = data();
  const words = states(rows);
  assert.equal(words.get(first.run), 'restarting');
  assert.ok(rows.filter(({ row }) => row?.run === first.run).every(({ row }) => row?.live === false));
  assert.deepEqual(
    [...words].filter(([key, word]) => key.startsWith(first.run) && word !== 'restarting'),
    [],
  );
  assert.equal(words.get(second.run), 'waiting for you');
  assert.deepEqual(alerts, [{ kind: 'waiting for you', keys: [`${second.run}/task-2`] }]);
  assert.equal(totals.runs, 1);
  assert.ok(totals.tokensPerMinute > 0 && totals.refusals > 0 && totals.usdToday > 0);
});

test('the exact call that waits is shown, and how to answer it', () => {
  const text = frameText(frame(data(), focus(second.run, 'task-2'), firstView, { width: 200, height: 60 }));
  assert.match(text, /WAITS FOR YOU {2}abcde {2}y allows, d denies/);
  assert.match(text, /git push cleared .\[2J.\]0;evil. .back 漢字/u);
  assert.match(text, /the walls would not make it harmless/);
  assert.match(text, /\? keys/);
});

test('a call is shown to its last line, with what it would write, or it is said that it is not', () => {
  const one = focus(second.run, 'task-2')!;
  const shown = (command: string, preview: string[] = []) => {
    const approvals = one.approvals.map((asked) => ({ ...asked, exact: { ...asked.exact, command, preview } }));
    const lines = frame(data(), { ...one, approvals }, { ...firstView, pane: 'detail' }, { width: 200, height: 1_500 });
    return frameText(lines);
  };
  assert.match(
    shown(`${'echo fine\n'.repeat(300)}the-last-line`, ['+ what is written']),
    /the-last-line[\s\S]*\+ what is written/,
  );
  assert.doesNotMatch(shown('echo fine'), /not shown here/);
  assert.match(shown(`${'echo fine\n'.repeat(5_000)}the-last-line`), /The rest of it is not shown here/);
});

test('rows fold, are filtered with what they stand below, and are sorted within their parents', () => {
  const all = data();
  const keys = (view: Partial<View>) => visibleRows(all, { ...firstView, ...view }).map(({ key }) => key);
  assert.equal(keys({}).length, 2 + 2 + 16);
  assert.deepEqual(keys({ folded: new Set([first.run, second.run]) }), [
    '/work/two',
    second.run,
    '/work/one',
    first.run,
  ]);
  assert.deepEqual(keys({ folded: new Set(['/work/two', '/work/one']) }), ['/work/two', '/work/one']);
  assert.deepEqual(keys({ filter: 'TASK-12' }), ['/work/two', second.run, `${second.run}/task-12`]);
  const byCost = visibleRows(all, { ...firstView, sort: 'cost' }).filter(({ parent }) => parent === second.run);
  const costs = byCost.map(({ row }) => row?.usd ?? 0);
  assert.deepEqual(
    costs,
    costs.toSorted((a, b) => b - a),
  );
  assert.equal(byCost.length, 12);
});

async function onTerminal(act: (terminal: EmulatedTerminal, panes: DashboardPanes) => Promise<void>): Promise<void> {
  const terminal = emulatedTerminal(160, 50);
  const screen = await openScreen(terminal.terminal, 'colours', { paste() {}, resize() {}, scrolled() {}, gone() {} });
  try {
    await act(terminal, openPanes(screen, { key() {}, tree: {}, detail: {} }));
  } finally {
    screen.end();
  }
}

test('a terminal shows the same as the printed frame, cell by cell, in every size and view', () =>
  onTerminal(async (terminal, panes) => {
    const now = Date.now();
    const about = focus(second.run, 'task-2');
    const views: Partial<View>[] = [{}, { pane: 'detail' }, { help: true }, { message: evil }, { filter: 'task-1' }];
    for (const [width, height] of [
      [160, 50],
      [60, 15],
      [110, 30],
      [109, 31],
      [240, 70],
    ] as const) {
      terminal.resize(width, height);
      for (const view of views) {
        const wanted = { ...firstView, ...view };
        panes.show(partsOf(data(now), about, wanted, panes.widths()));
        const expected = frame(data(now), about, wanted, { width, height });
        assert.equal((await terminal.lines()).join('\n'), frameText(expected), JSON.stringify({ width, height, view }));
      }
    }
  }));

test('the chosen row stays in sight however the screen is cut, and the detail is read to its end', () =>
  onTerminal(async (terminal, panes) => {
    for (const height of [15, 40, 16])
      for (const chosen of [`${second.run}/task-12`, first.run, `${first.run}/task-4`]) {
        terminal.resize(80, height);
        const parts = partsOf(data(), null, { ...firstView, chosen }, panes.widths());
        panes.show(parts);
        const shown = textOf(parts.tree.line(parts.chosen!)).trimEnd();
        assert.ok((await terminal.lines()).includes(shown), `${chosen} at height ${height}`);
      }
    const about = focus(second.run, 'task-2');
    const read = { ...firstView, chosen: `${second.run}/task-2`, pane: 'detail' as const };
    const parts = partsOf(data(), about, read, panes.widths());
    panes.show(parts);
    const before = await terminal.lines();
    panes.scrollDetail(1_000_000);
    panes.show(parts);
    const lines = await terminal.lines();
    assert.equal(lines[12], textOf(fitLine(parts.details.at(-1)!, 80)).trimEnd());
    panes.show(partsOf(data(), about, { ...read, prompt: allow }, panes.widths()));
    assert.equal((await terminal.lines())[1], before[1], 'what is asked is shown from its beginning');
  }));
const allow = { kind: 'allow' as const, approval: 'abcde', hasPattern: false };

test('what comes is read without reading the rest again, and equals a fresh look; a run that goes is gone', () => {
  const third = simulateRun(place.state, { agents: 3, random: random(3), root: '/work/three' });
  for (let turn = 0; turn < 20; turn += 1) {
    second.step(37);
    third.step(11);
    if (turn === 10) third.crash();
    if (turn === 15) third.startHost();
    const until = performance.now() + 2_000;
    while (allRuns.watched.get(third.run)?.state?.seq !== third.log.newest().seq && performance.now() < until)
      allRuns.look(Number.POSITIVE_INFINITY);
    allRuns.look(Number.POSITIVE_INFINITY);
    const fresh = openAllRuns(place, { all: false });
    fresh.look(Number.POSITIVE_INFINITY);
    const now = Date.now();
    assert.deepEqual(data(now), dataMaker()(fresh.watched.values(), now));
    fresh.close();
  }
  third.close();
  rmSync(runPaths(place.state, third.run).folder, { recursive: true });
  const until = performance.now() + 3_000;
  while (allRuns.watched.has(third.run) && performance.now() < until) allRuns.look(10);
  assert.equal(allRuns.watched.has(third.run), false);
});

test('a run that cannot be read is a row that says so, and hides no other', () => {
  const broken = simulateRun(place.state, { agents: 1, random: random(4) });
  broken.log.append([{ type: 'run.created' } as never], { at: 'never', durable: false });
  const own = openAllRuns(place, { all: false });
  own.look(Number.POSITIVE_INFINITY);
  const { rows, totals } = dataMaker()(own.watched.values(), Date.now());
  own.close();
  broken.close();
  rmSync(join(runPaths(place.state, broken.run).folder), { recursive: true });
  const row = rows.find(({ key }) => key === broken.run);
  assert.equal(row?.kind, 'unreadable');
  assert.match(row.label, /does not know event/);
  assert.equal(totals.unreadable, 1);
  assert.ok(rows.some(({ key }) => key === second.run));
});
