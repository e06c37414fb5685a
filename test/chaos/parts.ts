import { spawn } from 'node:child_process';
import { playedMany, shareMax } from '../refactor/generated/play.ts';
import { play } from '../security/escape/play.ts';
import { playAs, type User } from '../security/escape/users.ts';
/**
 * The parts of the proof. Each works runs, disturbs them, and answers what it did and which promises were broken.
 * `seed` decides all that is random in a part: the same seed disturbs at the same points again.
 */
import { playSession, sessionNames } from '../support/recorded-session.ts';
import { type ChaosProgress, chaos } from './chaos.ts';
import { everyEvent } from './every-event.ts';
import { type HostileResult, hostile } from './hostile.ts';
import { manyAgents } from './many-agents.ts';
import { vendorFallsSilent, vendorLeaves } from './vendor-dies.ts';

export type Part = {
  name: PartName;
  /** What the part does, for `--help`. */
  about: string;
  /** How much it does: kills, runs, agents, or tasks of the run whose every event is a death. */
  amount: number;
  /** The same in a sample, as `npm test` and `--quick` do it. */
  quickAmount: number;
  work(order: Order): Promise<PartResult>;
};

export type PartName =
  | 'kills'
  | 'anyone'
  | 'detached'
  | 'hostile'
  | 'every-event'
  | 'power-loss'
  | 'sessions'
  | 'many-agents'
  | 'vendor-dies'
  | 'mechanical'
  | 'escape'
  | 'random';

export type Order = {
  seed: number;
  amount: number;
  isQuick: boolean;
  tell(line: string): void;
  /** Goes on from a value that `keep` was given. */
  from?: unknown;
  keep(progress: object): void;
};

/** `counts` are figures for the summary, in the order in which they are told. */
export type PartResult = { faults: string[]; counts: Record<string, number> };

const random =
  (tasks: number, how: { anyone?: boolean; detached?: boolean }) =>
  async ({ seed, amount, isQuick, tell, from, keep }: Order): Promise<PartResult> => {
    const options = { seed, kills: amount, tasks: isQuick ? 4 : tasks, tell, onProgress: keep, ...how };
    const result = await chaos({ ...options, ...(from !== undefined && { from: from as ChaosProgress }) });
    const { kills, runs, faults, killed } = result;
    return { faults, counts: { kills, runs, ...killed } };
  };

const events =
  (powerLoss: boolean) =>
  async ({ amount, isQuick, tell }: Order): Promise<PartResult> => {
    // A sample dies at one event in nine; with power losses at others.
    const chosen = (seq: number) => !isQuick || seq % 9 === (powerLoss ? 4 : 1);
    const { deaths, events: all, faults } = await everyEvent({ tasks: amount, chosen, powerLoss, tell });
    return { faults, counts: { deaths, events: all } };
  };

/** Plays recorded sessions, first one of each family; a session with more than one wrong call is a fault. */
async function sessions({ amount, tell }: Order): Promise<PartResult> {
  const counts = { sessions: 0, calls: 0, wrong: 0 };
  const faults: string[] = [];
  for (const name of sessionNames().slice(0, amount)) {
    const { calls } = await playSession(name);
    const wrong = calls.filter(({ ok }) => !ok);
    for (const { name: tool, told } of wrong) tell(`${name}: ${tool}: ${told.split('\n')[0]}`);
    if (wrong.length > 1) faults.push(`${name}: ${wrong.length} of ${calls.length} calls went wrong`);
    counts.sessions += 1;
    counts.calls += calls.length;
    counts.wrong += wrong.length;
  }
  return { faults, counts };
}

/** A goal with a known answer that is refused is no fault, but of all of them only a few may be. */
async function mechanical({ seed, amount, tell }: Order): Promise<PartResult> {
  const { counts, wrong, refused, share } = await playedMany({ seed, amount });
  for (const one of refused) tell(`refused: ${one}`);
  const percent = (share * 100).toFixed(1);
  const faults = share > shareMax ? [...wrong, `${percent} % of the goals with a known answer were refused`] : wrong;
  tell(`${percent} % of the goals with a known answer were refused`);
  const ends = Object.entries(counts).flatMap(([kind, ends]) =>
    Object.entries(ends).map(([end, count]) => [`${kind} ${end}`, count] as const),
  );
  return { faults, counts: Object.fromEntries(ends) };
}

/** Half of the lines as ourselves, the rest as a plain user and as one without namespaces; the latter only where root can be one. */
async function escapes({ seed, amount, tell }: Order): Promise<PartResult> {
  const counts: Record<string, number> = { lines: 0, 'carried out': 0 };
  const faults: string[] = [];
  const wishes: [User, share: number, isBare: boolean][] = [
    ['own', 0.5, false],
    ['plain', 0.25, false],
    ['without namespaces', 0.05, false],
    ['without namespaces', 0.2, true],
  ];
  for (const [at, [user, share, isBare]] of wishes.entries()) {
    const some = Math.ceil(amount * share);
    const played = user === 'own' ? await play({ seed, amount: some }) : await playAs(user, seed + at, some, isBare);
    if (!played) tell(`as ${user}: not played, this needs root and util-linux`);
    counts.lines = (counts.lines ?? 0) + (played?.lines ?? 0);
    counts['carried out'] = (counts['carried out'] ?? 0) + (played?.ran ?? 0);
    if (played)
      tell(
        `as ${user}${isBare ? ', in a folder without keys' : ''}: ${played.lines} lines, ${played.ran} carried out, ${played.looked} of them looking; ${played.walls}`,
      );
    faults.push(...(played?.faults ?? []).map((fault) => `as ${user}: ${fault}`));
  }
  return { faults, counts };
}

export const parts: Part[] = [
  {
    ...{ name: 'kills', about: 'the host is killed at random points and resumed', amount: 60, quickAmount: 3 },
    work: random(12, {}),
  },
  {
    ...{ name: 'anyone', about: 'agents, hands and commands are killed too', amount: 150, quickAmount: 4 },
    work: random(9, { anyone: true }),
  },
  {
    ...{ name: 'detached', about: 'any process of a detached run is killed', amount: 200, quickAmount: 4 },
    work: random(40, { detached: true }),
  },
  {
    ...{ name: 'hostile', about: 'runs leave children that want to stay', amount: 500, quickAmount: 6 },
    async work({ seed, amount, tell, from, keep }) {
      const options = { seed, runs: amount, tell, onProgress: keep };
      const result = await hostile({ ...options, ...(from !== undefined && { from: from as HostileResult }) });
      const { runs, unseen, slowestMs, endings, faults } = result;
      return { faults, counts: { runs, unseen, slowestMs, ...endings } };
    },
  },
  {
    ...{ name: 'every-event', about: 'the host dies at every event of a run', amount: 4, quickAmount: 1 },
    work: events(false),
  },
  {
    ...{ name: 'power-loss', about: 'and the log loses what was not durable', amount: 3, quickAmount: 1 },
    work: events(true),
  },
  {
    ...{ name: 'sessions', about: "other agents' recorded sessions are played", amount: 21, quickAmount: 7 },
    work: sessions,
  },
  {
    ...{ name: 'many-agents', about: 'of many agents some crash whenever they begin', amount: 20, quickAmount: 5 },
    async work({ amount }) {
      const counts = { bad: amount, good: 3, idle: Math.ceil(amount * 0.6) };
      await manyAgents(counts);
      return { faults: [], counts };
    },
  },
  {
    ...{
      name: 'vendor-dies',
      about: 'the vendor of many tasks dies half-way, another goes on',
      amount: 40,
      quickAmount: 8,
    },
    async work({ amount }) {
      await vendorLeaves(amount);
      await vendorFallsSilent(amount);
      return { faults: [], counts: { tasks: 2 * amount } };
    },
  },
  {
    ...{
      name: 'mechanical',
      about: 'renames, moves, imports and patterns in generated repositories',
      amount: 2_000,
      quickAmount: 160,
    },
    work: mechanical,
  },
  {
    ...{
      name: 'escape',
      about: 'generated hostile lines pass the gate and are carried out',
      amount: 24_000,
      quickAmount: 400,
    },
    work: escapes,
  },
  {
    ...{
      name: 'random',
      about: 'tests with random inputs do all that npm test does a part of',
      amount: 1,
      quickAmount: 0,
    },
    async work({ amount, tell }) {
      const status = await randomTests(amount > 0 ? { VTCODE_PROOF: '1' } : {}, tell);
      return {
        faults: status === 0 ? [] : ['a test with random inputs failed'],
        counts: { files: randomFiles.length },
      };
    },
  },
];

/** The part of this name. Throws when there is none. */
export function partNamed(name: string): Part {
  const part = parts.find((one) => one.name === name);
  if (!part) throw new Error(`there is no part '${name}': ${parts.map((one) => one.name).join(', ')}`);
  return part;
}

/** The tests whose amount depends on where they run (test/support/amount.ts). */
const randomFiles = [
  'test/orchestrator/schedule/approvals.test.ts',
  'test/security/fuzz.test.ts',
  'test/state/audit-chain.test.ts',
  'test/state/power-loss.test.ts',
  'test/tui/text/markdown.test.ts',
];

/** Runs them with more in their environment; answers the exit code of the test runner. */
async function randomTests(more: Record<string, string>, tell: Order['tell']): Promise<number | null> {
  const child = spawn(process.execPath, ['--test', ...randomFiles], { env: { ...process.env, ...more } });
  child.stdout.on('data', (chunk: Buffer) => tell(chunk.toString().trimEnd()));
  child.stderr.pipe(process.stderr);
  return new Promise((resolve) => child.once('close', resolve));
}
