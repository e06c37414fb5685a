import { join } from 'node:path';
import { launcher } from '../test/support/vtcode.ts';
import { atMost, type Bench, type Figure, median } from './figures.ts';
import { adoptOrphans, awaitOrphans, type Order, quietMachine, runWell, spentByChildren } from './processes.ts';
import type { Asked } from './scripted-server.ts';
import { freshFiles, type Stage, setStage } from './stage.ts';

/**
 * A person's waiting time with one agent or a few: the scenarios that other coding agents were measured in. The model
 * answers at once, so all time is vtcode's own. Beside it, taking turns, a bare loop of 90 lines that does the same.
 */
type Scenario = {
  /** The arguments of vtcode, one process each; `-C` and a folder are added. */
  calls: string[][];
  /** The goals as the bare loop gets them, in one process or in one each. */
  goals: string[];
  apart?: boolean;
  turns: number;
  /** Goals in seconds and MiB, from what other agents and thin versions of this one came to. */
  most?: { seconds?: number; memoryMb?: number; firstKib?: number; perTurnMs?: number };
};

const tasks = 8;
const edits = Array.from({ length: tasks }, (_, at) => `edit a${at}.txt`);
/** Stands for the path of a plan file with these edits. */
const planFile = 'PLAN';

const scenarios: Record<string, Scenario> = {
  hello: { calls: [['ask', 'hello']], goals: ['hello'], turns: 9, most: { seconds: 0.1, memoryMb: 45 } },
  edit1: {
    calls: [['run', 'edit a0.txt']],
    goals: ['edit a0.txt'],
    turns: 9,
    most: { seconds: 0.15, memoryMb: 65, firstKib: 10 },
  },
  loop50: { calls: [['run', 'loop 50']], goals: ['loop 50'], turns: 5, most: { seconds: 0.38, perTurnMs: 5 } },
  loop200: { calls: [['run', 'loop 200']], goals: ['loop 200'], turns: 3, most: { perTurnMs: 5 } },
  'fan-out': { calls: [['run', 'fan 4 loop 5 #']], goals: ['fan 4 loop 5 #'], turns: 5, most: { seconds: 0.3 } },
  'eight-in-folder': {
    calls: [['run', `fan ${tasks} edit a#.txt`]],
    goals: edits,
    turns: 5,
    most: { seconds: 0.5, memoryMb: 200 },
  },
  'eight-in-trees': {
    calls: [['run', '--plan-file', planFile, '--yes', '--no-checks']],
    goals: edits,
    turns: 3,
  },
  'eight-processes': {
    calls: edits.map((edit) => ['run', edit]),
    goals: edits,
    apart: true,
    turns: 5,
    most: { seconds: 0.75, memoryMb: 260 },
  },
};

export const scenarioNames = Object.keys(scenarios);

/** The bench of one scenario. */
export function scenarioBench(name: string): Bench {
  return async () => {
    adoptOrphans();
    const stage = await setStage(edits);
    try {
      return await measure(scenarios[name]!, stage);
    } finally {
      await stage.remove();
    }
  };
}

/** One turn of a scenario: seconds from the start to the last end, processor time of all, and what was asked. */
type Turn = { seconds: number; spent: number; memoryMb: number; started: number; asked: Asked[] };

async function measure(scenario: Scenario, stage: Stage): Promise<Figure[]> {
  const { repository, vtcode, server, plan } = stage;
  const orders = scenario.calls.map((words) => ({
    argv: [launcher, ...words.map((word) => (word === planFile ? plan : word)), '-C', repository.root],
    environment: vtcode.environment,
  }));
  const loop = [process.execPath, join(import.meta.dirname, 'bare-loop.mjs'), server.baseUrl, repository.root];
  const bareGoals = scenario.apart ? scenario.goals.map((goal) => [goal]) : [scenario.goals];
  const bareOrders = bareGoals.map((goals) => ({ argv: [...loop, ...goals] }));
  await takeTurn(stage, orders, false); // the endpoint's pace and the disk are warm from here on
  const own: Turn[] = [];
  const bare: Turn[] = [];
  for (let turn = 0; turn < scenario.turns; turn += 1) {
    bare.push(await takeTurn(stage, bareOrders, false));
    own.push(await takeTurn(stage, orders, false));
  }
  const looked: Turn[] = [];
  for (let turn = 0; turn < 3; turn += 1) looked.push(await takeTurn(stage, orders, true));
  const memory = [
    Math.max(...looked.map(({ memoryMb }) => memoryMb)),
    (await takeTurn(stage, bareOrders, true)).memoryMb,
  ];
  return figuresOf(scenario, own, bare, memory as [number, number]);
}

async function takeTurn({ repository, server }: Stage, orders: Order[], memory: boolean): Promise<Turn> {
  repository.write(freshFiles(tasks));
  await server.asked(); // drops requests that were not read
  await quietMachine();
  const before = spentByChildren();
  const started = Number(process.hrtime.bigint()) / 1e6;
  const ran = await Promise.all(orders.map((order) => runWell({ ...order, memory })));
  const seconds = (Number(process.hrtime.bigint()) / 1e6 - started) / 1e3;
  await awaitOrphans();
  const memoryMb = ran.reduce((sum, one) => sum + one.memoryMb, 0);
  return { seconds, spent: (spentByChildren() - before) / 1e3, memoryMb, started, asked: await server.asked() };
}

function figuresOf({ most = {} }: Scenario, own: Turn[], bare: Turn[], [memoryMb, bareMb]: [number, number]): Figure[] {
  const best = (turns: Turn[], of: (turn: Turn) => number) => Math.min(...turns.map(of));
  const against = (what: string, unit: string, of: (turn: Turn) => number): Figure => ({
    what,
    value: best(own, of),
    unit,
    ratio: { times: best(own, of) / best(bare, of), of: 'bare loop' },
  });
  const figures = [
    limited(
      against('wall', 's', (turn) => turn.seconds),
      most.seconds,
    ),
    { what: 'wall, median', value: median(own.map((turn) => turn.seconds)), unit: 's' },
    against('processor time of the whole tree', 's', (turn) => turn.spent),
    limited(
      { what: 'peak memory', value: memoryMb, unit: 'MB', ratio: { times: memoryMb / bareMb, of: 'bare loop' } },
      most.memoryMb,
    ),
    against('start to first request', 'ms', (turn) => (turn.asked[0]?.atMs ?? Number.NaN) - turn.started),
  ];
  const asked = own[0]!.asked;
  const longest = Math.max(...[...byConversation(asked).values()].map((one) => one.length));
  if (longest > 1) figures.push(limited(against('from request to request, median', 'ms', perTurn), most.perTurnMs));
  if (longest >= 100) figures.push(...flatness(own));
  const first = asked[0]!;
  figures.push(
    limited({ what: 'first request', value: first.bytes / 1024, unit: 'KiB' }, most.firstKib),
    { what: 'first request: tools', value: first.toolsBytes / 1024, unit: 'KiB' },
    { what: 'first request: system prompt', value: first.systemBytes / 1024, unit: 'KiB' },
  );
  if (longest > 1) figures.push({ what: 'request grows per turn', value: growth(asked), unit: 'bytes' });
  return figures;
}

function limited(figure: Figure, most: number | undefined): Figure {
  return most === undefined ? figure : atMost(figure, most);
}

/** Requests by what their conversation began with. Those that began alike are one: their order is then lost. */
function byConversation(asked: Asked[]): Map<string, Asked[]> {
  const found = new Map<string, Asked[]>();
  for (const one of asked) found.set(one.opening, [...(found.get(one.opening) ?? []), one]);
  return found;
}

function gaps(asked: Asked[]): number[] {
  return asked.slice(1).map((one, at) => one.atMs - asked[at]!.atMs);
}

function perTurn({ asked }: Turn): number {
  return median([...byConversation(asked).values()].flatMap(gaps));
}

/** The last quarter of a long conversation against its first. */
function flatness(own: Turn[]): Figure[] {
  const quarter = (asked: Asked[], from: number) =>
    median(gaps(asked.slice(from, from + Math.floor(asked.length / 4))));
  const first = Math.min(...own.map(({ asked }) => quarter(asked, 0)));
  const last = Math.min(...own.map(({ asked }) => quarter(asked, Math.floor((asked.length * 3) / 4))));
  const ratio = { times: last / first, of: 'the first quarter' };
  return [{ what: 'the last quarter of the turns', value: last, unit: 'ms', ratio }];
}

function growth(asked: Asked[]): number {
  const longest = [...byConversation(asked).values()].sort((a, b) => b.length - a.length)[0]!;
  return (longest.at(-1)!.bytes - longest[0]!.bytes) / (longest.length - 1);
}
