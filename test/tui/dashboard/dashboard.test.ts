import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { hasMark, listProcesses } from '../../../supervisor/process-tree.ts';
import { type SimulatedRun, simulateRun } from '../../support/fleet.ts';
import { commandOf, eventually } from '../../support/processes.ts';
import { random } from '../../support/random.ts';
import { isRestored, skip, startAtTerminal, type Terminal } from '../../support/terminal.ts';
import { vtcodeHere } from '../../support/vtcode-here.ts';

/**
 * Goal: the dashboard can be used by keys, mouse and paste in any size, and leaves the terminal as it was.
 * Method: the real program in a real terminal (tmux), over simulated runs whose agents say evil things.
 */
const vtcode = vtcodeHere();
const evil = 'EVIL \x1b]0;owned\x07\x1b[2J\x1b[31m\x9b5A\u202e漢字🚀';
const runs: SimulatedRun[] = [
  simulateRun(vtcode.state, { agents: 3, random: random(1), goal: `first ${evil}`, says: evil }),
  simulateRun(vtcode.state, { agents: 3, random: random(2), goal: 'second goal' }),
];
for (const run of runs) run.step(100);
const [first, second] = runs.map(({ run }) => run) as [string, string];
after(() => {
  for (const run of runs) run.close();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

const start = (t: TestContext, size: { width?: number; height?: number } = {}, environment = {}): Terminal =>
  startAtTerminal(t, ['dashboard'], { environment: { ...vtcode.environment, ...environment }, ...size });

/** The dashboard's own process. */
function pid(): number {
  const home = join(vtcode.state, '..');
  return (
    listProcesses().find(
      ({ pid, state }) => state !== 'Z' && hasMark(pid, 'XDG_STATE_HOME', home) && commandOf(pid).endsWith('dashboard'),
    )?.pid ?? 0
  );
}

test('every key that looks does what the screen says', { skip }, async (t) => {
  const terminal = start(t, { width: 140, height: 34 });
  await terminal.sees(/\? keys.*q quit/);
  await terminal.sees(new RegExp(`${first}`));
  const press = async (keys: string[], pattern: RegExp) => {
    terminal.press(...keys);
    await terminal.sees(pattern);
  };
  await press(['?'], /KEYS[\s\S]*WORDS[\s\S]*gave up/);
  await press(['x'], /│ run_/);
  await press(['g'], /│ Nothing is chosen/);
  await press(['G'], /│ run_\w+\/task-3/);
  await press(['k', 'Up'], /│ run_\w+\/task-1/);
  await press(['j', 'Down'], /│ run_\w+\/task-3/);
  await press(['/'], /Show only what contains/);
  terminal.type('second');
  await press(['Enter'], /\/second/);
  assert.ok(!terminal.screen().includes(first), terminal.screen());
  await press(['g', 'j', 'Enter'], /▸ run_/);
  assert.doesNotMatch(terminal.screen(), /^ {6}task-1/m);
  await press(['Space'], /▾ run_[\s\S]*\n {6}task-1/);
  await press(['Left'], /▸ run_/);
  await press(['Right'], /▾ run_/);
  await press(['Escape'], new RegExp(first));
  for (const sort of ['attention', 'progress', 'cost', 'tokens', 'name', 'newest'])
    await press(['s'], new RegExp(`sorted by: ${sort}`));
  await press(['w'], /Nothing waits for you/);
  await press(['c'], /Copied: run_/);
  await press(['Tab', 'PageDown', 'PageUp', 'Tab', 'S'], /Stop run_\w+\? .* y yes/);
  await press(['n'], /Nothing was done/);
  await press(['m'], /Say to run_/);
  terminal.type('words q');
  await press(['BSpace'], /Say to run_\w+: words $|Say to run_\w+: words\n/m);
  await press(['Escape'], /\? keys/);
  terminal.press('q');
  await isRestored(terminal);
  assert.match(terminal.screen(), /ended 0/);
  assert.match(terminal.raw(), /\x1b\]52;c;[A-Za-z0-9+/=]+\x07/);
});

test('what agents say never reaches the terminal raw, and is shown', { skip }, async (t) => {
  const terminal = start(t, { width: 200, height: 50 });
  await terminal.sees(new RegExp(first));
  terminal.press('/');
  terminal.type('EVIL');
  terminal.press('Enter');
  await terminal.sees(/\/EVIL/);
  for (const key of ['g', 'j', 'j', 'j', 'Tab', 'PageDown', 'Tab']) terminal.press(key);
  await terminal.sees(/EVIL .\]0;owned.\S*\[2J.\[31m.5A.漢字🚀/u);
  terminal.press('q');
  await isRestored(terminal);
  const raw = terminal.raw();
  assert.equal(/\x1b\]0;|\x07\x1b\[2J|\x1b\[31m\x9b|\x9b|\u202e/.test(raw), false);
  // It clears the screen once, when it begins; nobody else does.
  assert.equal(raw.slice(raw.indexOf('\x1b[?1049h')).match(/\x1b\[2J/g)?.length, 2);
});

test('a storm of new sizes leaves a whole picture, from 60×15 up', { skip }, async (t) => {
  const terminal = start(t);
  await terminal.sees(/q quit/);
  const draw = random(7);
  for (let turn = 0; turn < 40; turn += 1) terminal.resize(60 + Math.floor(draw() * 160), 15 + Math.floor(draw() * 50));
  for (const [width, height] of [
    [60, 15],
    [200, 60],
    [80, 24],
  ] as const) {
    terminal.resize(width, height);
    assert.ok(
      await eventually(() => {
        const lines = terminal.screen().trimEnd().split('\n');
        return (
          lines.length === height &&
          / vtcode {2}2 at work/.test(lines[0] ?? '') &&
          /\? keys/.test(lines.at(-1) ?? '') &&
          /NAME.*STATE/.test(lines[1] ?? '')
        );
      }, 10_000),
      terminal.screen(),
    );
    assert.equal(terminal.screen().match(/at work/g)?.length, 1, 'nothing of another size is left');
  }
  terminal.press('q');
  await isRestored(terminal);
});

test('a megabyte that is pasted is no keys, whether the terminal marks it or not', { skip }, async (t) => {
  const terminal = start(t);
  await terminal.sees(/q quit/);
  for (const marked of [true, false]) {
    terminal.paste('qSyK words '.repeat(95_000), marked);
    await terminal.sees(/Pasted text is ignored here/);
    const heeds = () => {
      terminal.press('j');
      return !terminal.screen().includes('is ignored here');
    };
    assert.ok(await eventually(heeds, 15_000), 'it heeds keys again');
  }
  terminal.press('m');
  await terminal.sees(/Say to/);
  terminal.paste('two\nlines', true);
  await terminal.sees(/Say to run_\S+: two lines/);
  terminal.press('Escape');
  await terminal.sees(/\? keys/);
  terminal.press('q');
  await isRestored(terminal);
  assert.equal(
    runs.every(({ log }) => log.takeCommands().length === 0),
    true,
  );
});

test('clicks choose and fold, the wheel moves', { skip }, async (t) => {
  const terminal = start(t);
  await terminal.sees(/q quit/);
  // Rows move until both runs have been read.
  for (const run of [first, second]) await terminal.sees(new RegExp(`▾ ${run}`));
  await terminal.sees(/task-3[\s\S]*task-3/);
  const mouse = (button: number, x: number, y: number) => terminal.type(`\x1b[<${button};${x};${y}M`);
  const rows = terminal.screen().split('\n');
  const line = rows.findIndex((row) => row.includes(`▾ ${second}`)) + 1;
  assert.ok(line > 0);
  terminal.press('g');
  mouse(0, 10, line);
  await terminal.sees(new RegExp(`│ ${second}`));
  mouse(0, 10, line);
  await terminal.sees(new RegExp(`▸ ${second}`));
  terminal.press('g');
  mouse(65, 10, 5);
  await terminal.sees(/│ run_/);
  terminal.press('q');
  await isRestored(terminal);
});

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const)
  test(`the terminal is as it was after ${signal}`, { skip }, async (t) => {
    const terminal = start(t);
    await terminal.sees(/q quit/);
    process.kill(pid(), signal);
    await isRestored(terminal);
  });

test('the terminal is as it was after a crash, which is told', { skip }, async (t) => {
  const file = join(vtcode.state, '..', 'crash.mjs');
  writeFileSync(
    file,
    "if (process.argv.includes('dashboard')) setTimeout(() => { throw new Error('injected'); }, 2_000);\n",
  );
  const terminal = start(t, {}, { NODE_OPTIONS: `--import=file://${file}` });
  await terminal.sees(/q quit/);
  await terminal.sees(/a mistake of ours: Error: injected/);
  await isRestored(terminal);
  assert.match(terminal.screen(), /ended 1/);
});

test('without a terminal it says what to do', async () => {
  const called = await vtcode.call(['dashboard']);
  assert.equal(called.code, 2);
  assert.match(called.stderr, /needs a terminal[\s\S]*--once/);
});

test('--once prints one frame, and with --json its data', async () => {
  const once = await vtcode.call(['dashboard', '--once', '--width', '100', '--height', '20']);
  assert.equal(once.code, 0, once.stderr);
  const lines = once.stdout.trimEnd().split('\n');
  assert.equal(lines.length, 20);
  assert.match(lines[0] ?? '', /^ vtcode {2}2 at work/);
  assert.doesNotMatch(once.stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  const data = JSON.parse((await vtcode.call(['dashboard', '--once', '--json'])).stdout) as { rows: { key: string }[] };
  assert.deepEqual(
    data.rows.flatMap(({ key }) => (key === first || key === second ? [key] : [])).sort(),
    [first, second].sort(),
  );
  assert.equal((await vtcode.call(['dashboard', '--once', '--width', '59'])).code, 2);
});
