import { EventEmitter } from 'node:events';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { userEnvironment } from '../orchestrator/environment/environment.ts';
import { readOr } from '../supervisor/identity.ts';
import { listProcesses } from '../supervisor/process-tree.ts';
import { commandOf } from '../test/support/processes.ts';
import { temporaryFolder } from '../test/support/repository.ts';
import { startAtTerminal } from '../test/support/terminal.ts';
import { type Fleet, measureTruth, startGenerator } from '../test/support/truth.ts';
import { runDashboard } from '../tui/dashboard/dashboard.ts';
import type { Terminal } from '../tui/terminal/screen.ts';
import { spentMs } from './background.ts';
import { atLeast, atMost, type Bench, type Figure } from './figures.ts';
import { runWell } from './processes.ts';

const hundred: Fleet = { runs: 5, agents: 20, rate: 1_000, seed: 1 };
const thousand: Fleet = { runs: 5, agents: 200, rate: 1_000, seed: 2 };
const silent: Fleet = { runs: 5, agents: 20, rate: 0, seed: 3 };
const cells = 100_000;
const measureForMs = 15_000;
const warmMs = 4_000;
/** A dashboard runs for hours: the engine's compile time in the first seconds does not count. */
const settledMs = 20_000;
const keys = 400;
/** Cells of the first twenty columns in reverse, below the title: only another choice draws them, as names do not change. */
const chosenRow = /\x1b\[(?!1;)\d+;1?\dH\x1b\[0;7m/;

/** The dashboard over a hundred agents that write a thousand events a second: is it true, and what does it take? */
const dashboard: Bench = async () => [
  ...(await truth()),
  ...(await taken(hundred, '100 agents, 1,000 events/s', [5, 150])),
  ...(await taken(thousand, '1,000 agents, 1,000 events/s')),
  ...(await taken(silent, '100 agents that are silent', [1, 150])),
  ...(await untilPainted(hundred, '100 agents, 1,000 events/s')),
  ...(await untilPainted(thousand, '1,000 agents, 1,000 events/s')),
];

async function truth(): Promise<Figure[]> {
  const home = temporaryFolder('dashboard');
  try {
    const found = await measureTruth(home, hundred, cells);
    for (const example of found.examples) process.stderr.write(`${example}\n`);
    const right = ((found.cells - found.late - found.wrong) / found.cells) * 100;
    const what = `cells that say what is so, or was a frame ago, of ${found.cells.toLocaleString('en')}`;
    return [
      atLeast({ what, value: right, unit: '%' }, 99.9),
      atMost({ what: 'cells that are wrong after 500 ms', value: found.wrong, unit: 'cells' }, 0),
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Processor time and memory of the program itself, in a terminal of 160 × 50 kept by tmux. */
async function taken(fleet: Fleet, what: string, goals?: [percent: number, mb: number]): Promise<Figure[]> {
  const home = temporaryFolder('dashboard');
  const ends: (() => void)[] = [];
  const generator = await startGenerator(userEnvironment({ XDG_STATE_HOME: home }).state, fleet);
  let written = 0;
  generator.on('message', (message) => {
    if (typeof message === 'object') ({ written } = message as { written: number });
  });
  try {
    const { PATH = '', HOME = '' } = process.env;
    const environment = { PATH, HOME, XDG_STATE_HOME: home };
    const terminal = startAtTerminal({ after: (end) => ends.push(end) }, ['dashboard'], {
      environment,
      width: 160,
      height: 50,
    });
    await terminal.sees(/q quit/);
    await sleep(settledMs);
    const pid =
      listProcesses().find((one) => commandOf(one.pid).endsWith(' dashboard') && isIn(one.pid, home))?.pid ?? 0;
    const [before, beganMs, from] = [spentMs(pid), performance.now(), written];
    await sleep(measureForMs);
    const ms = performance.now() - beganMs;
    const percent = ((spentMs(pid) - before) / ms) * 100;
    const rate = Math.round(((written - from) / ms) * 1_000);
    const figures: Figure[] = [
      { what: `${what} (${rate} came): of a core`, value: percent, unit: '%' },
      { what: `${what}: resident memory`, value: residentMb(pid), unit: 'MB' },
    ];
    return figures.map((figure, at) => {
      const most = goals?.[at];
      return most === undefined ? figure : atMost(figure, most);
    });
  } finally {
    for (const end of ends) end();
    generator.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  }
}

function isIn(pid: number, home: string): boolean {
  return readOr('', () => readFileSync(`/proc/${pid}/environ`, 'latin1')).includes(`XDG_STATE_HOME=${home}\0`);
}

function residentMb(pid: number): number {
  return (
    Number(
      /^VmRSS:\s+(\d+)/m.exec(readOr('', () => readFileSync(`/proc/${pid}/status`, 'latin1')))?.[1] ?? Number.NaN,
    ) / 1024
  );
}

/** From a key that chooses another row to the bytes that show it. The terminal is a pair of streams in this process. */
async function untilPainted(fleet: Fleet, what: string): Promise<Figure[]> {
  const home = temporaryFolder('dashboard');
  const place = userEnvironment({ XDG_STATE_HOME: home });
  const generator = await startGenerator(place.state, fleet);
  const { promise, resolve } = Promise.withResolvers<void>();
  const input = Object.assign(new EventEmitter(), { setRawMode() {}, resume() {}, pause() {}, setEncoding() {} });
  let heard: (bytes: string) => void = () => {};
  const output = Object.assign(new EventEmitter(), {
    ...{ columns: 160, rows: 50, fd: openSync('/dev/null', 'w') },
    write: (bytes: string) => heard(bytes),
  });
  const terminal = { input, output } as unknown as Terminal;
  const ended = runDashboard({ place, terminal, all: false, notify: [], obey: async () => [], wake: async () => {} });
  void ended.finally(resolve);
  await sleep(warmMs);
  const bare = p99(await timerDelays());
  const times: number[] = [];
  for (let turn = 0; turn < keys; turn += 1) {
    await sleep(20 + ((turn * 37) % 60));
    const began = performance.now();
    const painted = new Promise<void>((done) => {
      heard = (bytes) => chosenRow.test(bytes) && done();
    });
    setImmediate(() => input.emit('data', turn % 80 < 40 ? 'j' : 'k'));
    await painted;
    times.push(performance.now() - began);
  }
  input.emit('data', 'q');
  await promise;
  generator.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
  const value = p99(times);
  const ratio = { times: value / bare, of: 'a bare timer of 16 ms' };
  return [atMost({ what: `${what}: key until its bytes are out, p99`, value, unit: 'ms', ratio }, 50)];
}

/** How long a timer of 16 ms takes in another process at the same time: the part of a key's wait due to the machine. */
async function timerDelays(): Promise<number[]> {
  const code = `const all = []; const next = (from) => setTimeout(() => {
    all.push(performance.now() - from);
    if (all.length < ${keys}) next(performance.now()); else console.log(JSON.stringify(all));
  }, 16); next(performance.now());`;
  return JSON.parse((await runWell({ argv: [process.execPath, '-e', code] })).stdout) as number[];
}

function p99(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

export default dashboard;
