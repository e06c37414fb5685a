import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../ipc/approval.ts';
import type { EventBody } from '../../../ipc/events.ts';
import {
  allowedFor,
  answered,
  byDeadline,
  overdue,
  pendingApprovals,
} from '../../../orchestrator/schedule/approvals.ts';
import { type Ground, judgeEach, permitOf } from '../../../security/judge.ts';
import { foldAll } from '../../../state/fold.ts';
import type { RunState } from '../../../state/run-state.ts';
import { amountOf } from '../../support/amount.ts';
import { random } from '../../support/random.ts';
import { runOf } from '../governor/support.ts';

/**
 * Goal: whatever order questions, answers, crashes and deadlines come in, no approval is lost, answered twice or bound to
 * another call. Method: seeded random interleavings over the real fold and the real functions. A host is what it folded
 * from the log; a crash forgets it, and with it the answers that were taken and not yet written. A person says an answer
 * again until some answer is in the log, as `vtcode approve` does.
 */
const interleavings = amountOf({ gate: 1_000, proof: 10_000 });
const stepsMax = 40;

const ground: Ground = {
  follow: () => ({ links: () => [], matches: () => null }),
  tops: ['/work/tree'],
  saves: false,
  registries: [],
  ...{
    origin: 'agent',
    mode: 'write',
    permissions: 'ask',
    scope: [],
    protect: [],
    readable: [],
    paths: { allow: [], ask: [], deny: [] },
  },
  commands: { allow: [], ask: [], deny: [] },
};
const agents = ['one', 'two', 'two/1'];

type World = {
  random(): number;
  run: ReturnType<typeof runOf>;
  now: number;
  /** The digest that each call has now; it may change under the question. */
  digests: Map<string, string>;
  /** Said by persons and not in the log yet; taken by the host and not written yet. */
  box: Answer[];
  taken: Answer[];
  /** Every answer that a person gave, in the order in which a host wrote the first of each approval. */
  said: Answer[];
  ran: string[];
  count: number;
};

for (const [words, seeds] of [['seeded random interleavings', interleavings]] as const)
  test(`${seeds} ${words} of questions, answers, crashes and deadlines`, () => {
    const seen = { ran: 0, denied: 0, late: 0, voided: 0, crashes: 0 };
    for (let seed = 1; seed <= seeds; seed += 1) play(seed, seen);
    // The generator met everything that the rules are for.
    for (const [what, times] of Object.entries(seen)) assert.ok(times > 100, `${what}: ${times}`);
  });

function play(seed: number, seen: Record<'ran' | 'denied' | 'late' | 'voided' | 'crashes', number>): void {
  const world: World = {
    ...{ random: random(seed), run: runOf(), now: 0, digests: new Map(), box: [], taken: [], said: [], ran: [] },
    count: 0,
  };
  const steps = 5 + Math.floor(world.random() * stepsMax);
  for (let step = 0; step < steps; step += 1) {
    const dice = world.random();
    if (dice < 0.25) ask(world);
    else if (dice < 0.5) sayAnswer(world);
    else if (dice < 0.6) world.taken.push(...world.box.splice(0));
    else if (dice < 0.72) write(world);
    else if (dice < 0.8) act(world, seen);
    else if (dice < 0.88) change(world);
    else if (dice < 0.95) world.now += world.random() * 40;
    else crash(world, seen);
  }
  // All that was said is heard, and then everything that waits comes to its deadline.
  world.taken.push(...world.box.splice(0));
  write(world);
  world.now += 1_000;
  write(world);
  act(world, seen);
  judge(world, seen);
}

const state = (world: World): RunState => world.run.state();

function ask(world: World): void {
  world.count += 1;
  const agent = agents[Math.floor(world.random() * agents.length)]!;
  const call = `call_${world.count}`;
  const digest = `digest_${Math.floor(world.random() * 3)}`;
  world.digests.set(`${agent} ${call}`, digest);
  world.run.record([
    { type: 'tool.requested', agent, call, name: 'run_command', arguments: {} },
    request(world, agent, call, digest),
  ]);
}

function request(world: World, agent: string, call: string, digest: string): EventBody {
  const exact = {
    tool: 'run_command',
    summary: call,
    command: call,
    directory: '/',
    environment: {},
    files: [],
    reads: [],
    paths: [],
  };
  const deadline = new Date(world.now + 20 + world.random() * 60).toISOString();
  const approval = `a${world.count}_${state(world).approvals.size}`;
  return {
    ...{ type: 'approval.requested', approval, agent, call, exact: { ...exact, digest } },
    ...{ rule: 'no rule', risk: 'beyond', deadline, default: 'deny' },
  };
}

function sayAnswer(world: World): void {
  const ids = [...state(world).approvals.keys(), 'unknown'];
  const approval = ids[Math.floor(world.random() * ids.length)]!;
  const scope = (['once', 'once', 'task', 'run'] as const)[Math.floor(world.random() * 4)]!;
  world.box.push({ approval, answer: world.random() < 0.6 ? 'allow' : 'deny', scope });
}

/** The host writes what it took, each approval's first answer, and what came to its deadline. */
function write(world: World): void {
  const given = new Set<string>();
  const late = overdue(state(world), world.now).map((said) => ({ said, by: byDeadline }));
  for (const { said, by } of [...world.taken.splice(0).map((one) => ({ said: one, by: 'person' })), ...late]) {
    if (given.has(said.approval)) continue;
    given.add(said.approval);
    const facts = answered(state(world), said, by);
    world.run.record(facts);
    if (facts.length > 0) world.said.push(said);
  }
}

/** The calls that have an answer act on it, as orchestrator/tool-calls/ask.ts does. */
function act(world: World, seen: Record<'ran' | 'denied' | 'voided', number>): void {
  for (const [agent, known] of state(world).agents)
    for (const [call, open] of known.open) {
      const own = state(world).approvals.get(open.approval ?? '');
      if (!own?.answer) continue;
      const digest = world.digests.get(`${agent} ${call}`) ?? '';
      const effects = [{ kind: 'run' as const, command: call, directory: '.' }];
      const permit = allowedFor(state(world), agent, call).some(({ asked, answer }) =>
        permitOf(judgeEach(effects, ground), digest, asked, answer),
      );
      const finished = (verdict: 'allowed' | 'denied'): EventBody => ({
        ...{ type: 'tool.finished', agent, call, name: 'run_command', verdict, rule: '' },
        result: { text: '', isError: verdict === 'denied' },
      });
      if (permit) {
        world.ran.push(`${agent} ${call} ${digest}`);
        seen.ran += 1;
        world.run.record([finished('allowed')]);
      } else if (own.asked.exact.digest === digest) {
        seen.denied += 1;
        world.run.record([finished('denied')]);
      } else {
        seen.voided += 1;
        world.run.record([request(world, agent, call, digest)]);
      }
    }
}

function change(world: World): void {
  const calls = [...world.digests.keys()];
  const call = calls[Math.floor(world.random() * calls.length)];
  if (call !== undefined) world.digests.set(call, `changed_${Math.floor(world.random() * 3)}`);
}

/** What the host had taken and not written is said again by the persons who wait for it. */
function crash(world: World, seen: { crashes: number }): void {
  seen.crashes += 1;
  world.box.push(...world.taken.splice(0));
  world.run = runOf(undefined, world.run.events);
}

function judge(world: World, seen: { late: number }): void {
  const events = world.run.events;
  const folded = foldAll(events);
  assert.deepEqual([...folded.approvals], [...state(world).approvals], 'a new host knows the same');
  const answers = events.filter((event) => event.type === 'approval.answered');
  const ids = answers.map(({ approval }) => approval);
  assert.equal(new Set(ids).size, ids.length, 'an approval was answered twice');
  const asked = events.filter((event) => event.type === 'approval.requested');
  const waiting = pendingApprovals(folded).map(({ approval }) => approval);
  for (const one of asked) {
    const answer = answers.find(({ approval }) => approval === one.approval);
    assert.ok(answer || waiting.includes(one.approval), `approval ${one.approval} was lost`);
    if (answer?.by === byDeadline) {
      seen.late += 1;
      assert.equal(answer.answer, 'deny');
      assert.ok(Date.parse(one.deadline) <= world.now);
    } else if (answer)
      assert.ok(world.said.some((said) => said.approval === one.approval && said.answer === answer.answer));
  }
  assert.equal(new Set(world.ran).size, world.ran.length, 'a call ran twice');
  // Whatever ran had been allowed for exactly those bytes: itself, or the same for its task or the run.
  for (const line of world.ran) {
    const [agent = '', call, digest] = line.split(' ');
    const isAllowed = answers.some(({ approval, answer, scope }) => {
      const question = asked.find((one) => one.approval === approval);
      if (answer !== 'allow' || !question || question.exact.digest !== digest) return false;
      if (question.agent === agent && question.call === call) return true;
      return scope === 'run' || (scope === 'task' && question.agent.split('/')[0] === agent.split('/')[0]);
    });
    assert.ok(isAllowed, `${line} ran and nobody had allowed it`);
  }
}
