import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../../ipc/events.ts';
import { abandoned, answered, ask, openCaller } from '../../../orchestrator/governor/agent-calls.ts';
import { reservedIn, roomFor } from '../../../orchestrator/governor/budget.ts';
import { choiceOf, governorOf, lineOf, runOf } from './support.ts';

/**
 * Goal: nothing is spent beyond what was reserved, nothing is reserved beyond a limit, and nothing of it leaks.
 * Method: many agents race in one governor; after every event the account is held against the limits.
 */
const role = { output_max: 4_000 };
const chain = [choiceOf('acme/big')];
const nothing = { run: { calls: 0, tokens: 0, usd: 0 }, task: { calls: 0, tokens: 0, usd: 0 } };

/** Numbers from 0 to 1 that a seed determines (Park and Miller's generator). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Works `agents` agents at once until each has had its calls or was ended; asserts the account after each event. */
async function race(run: ReturnType<typeof runOf>, agents: number, calls: number, random: () => number) {
  const governor = governorOf(run);
  const { limits } = run.state().created.config;
  const within = () => {
    const { usage } = run.state();
    const reserved = reservedIn(run.state());
    assert.ok(usage.usd + reserved.usd <= limits.usd + 1e-9, `${usage.usd} + ${reserved.usd} of ${limits.usd}`);
    const tokens = usage.inputTokens + usage.outputTokens + reserved.tokens;
    assert.ok(tokens <= limits.tokens, `${tokens} of ${limits.tokens}`);
  };
  const one = async (agent: string) => {
    const { line, next } = lineOf();
    const caller = openCaller(governor, { agent, chain, role, line });
    for (let call = 1; call <= calls && !governor.signal.aborted; call += 1) {
      const inputTokens = 500 + Math.floor(random() * 5_000);
      const asking = ask(caller, { type: 'ask', call, inputTokens });
      const grant = await Promise.race([next(), asking.then(() => null)]).then((first) => first ?? next());
      if (!grant || governor.signal.aborted) return;
      within();
      await new Promise((resolve) => setTimeout(resolve, random() * 3));
      const outputTokens = Math.floor(random() * grant.outputTokensMax);
      const usage = answered(caller, { inputTokens, outputTokens, usd: 0 });
      const message = { role: 'assistant' as const, text: 'x', calls: [], from: grant.model };
      await run.record([{ type: 'model.finished', agent, call, message, usage }]);
      governor.settled();
      within();
    }
  };
  const ends = new Promise<void>((resolve) => governor.signal.addEventListener('abort', () => resolve()));
  const work = Promise.all(Array.from({ length: agents }, (_, at) => one(`agent/${at}`)));
  await Promise.race([work, ends]);
  return governor;
}

test('32 agents racing on one budget never spend or reserve beyond it, and the run stops at the limit', async () => {
  const run = runOf((config) => {
    config.limits.usd = 0.9;
    config.limits.task_usd = 100;
  });
  const governor = await race(run, 32, 50, randomOf(7));
  assert.match(governor.stopped[0] ?? '', /spent \$0\.\d+ of \$0\.9 on models.*limits\.usd/);
  assert.ok(run.state().usage.usd > 0.8, `most of the budget was of use: ${run.state().usage.usd}`);
});

test('the same in tokens', async () => {
  const run = runOf((config) => {
    config.limits.tokens = 300_000;
  });
  const governor = await race(run, 32, 50, randomOf(11));
  assert.match(governor.stopped[0] ?? '', /of 300000 tokens.*limits\.tokens/);
});

test('a host that dies in between leaves no reservation: what nobody heard the end of counts as spent', async () => {
  const run = runOf((config) => {
    config.limits.usd = 5;
    config.limits.task_usd = 100;
  });
  await race(run, 32, 3, randomOf(3));
  const grant = run.events.findLast((event) => event.type === 'model.granted') as Extract<
    Event,
    { type: 'model.granted' }
  >;
  // The log as it was when the last call had been granted and not been heard.
  const cut = runOf(undefined, run.events.slice(0, grant.seq));
  const open = [...cut.state().agents].filter(([, agent]) => agent.reserved);
  assert.ok(open.length > 0);
  const before = cut.state().usage.usd + reservedIn(cut.state()).usd;
  await cut.record(open.map(([name, agent]) => abandoned(name, agent.calls, agent.reserved!)));
  assert.ok(Math.abs(reservedIn(cut.state()).usd) < 1e-9 && reservedIn(cut.state()).tokens === 0);
  assert.ok(Math.abs(cut.state().usage.usd - before) < 1e-9);
});

test('an answer is made shorter before it is refused', () => {
  const { state } = runOf((config) => {
    config.limits.usd = 0.02;
  });
  const prices = { input: 1e-6, output: 1e-5 };
  const room = roomFor(state(), 'agent', { inputTokens: 10_000, outputTokens: 4_000 }, prices, nothing);
  assert.equal(room.kind, 'fits');
  assert.equal(room.kind === 'fits' && room.outputTokens, 1_000);
  const over = roomFor(state(), 'agent', { inputTokens: 16_000, outputTokens: 4_000 }, prices, nothing);
  assert.equal(over.kind, 'over');
});

test('a task at its own limit is parked, and the run goes on', async () => {
  const run = runOf((config) => {
    config.limits.task_calls = 1;
  });
  const governor = governorOf(run);
  const { line, next, ended } = lineOf();
  const caller = openCaller(governor, { agent: 'agent', chain, role, line });
  void ask(caller, { type: 'ask', call: 1, inputTokens: 10 });
  await next();
  answered(caller, { inputTokens: 10, outputTokens: 1, usd: 0 });
  await ask(caller, { type: 'ask', call: 2, inputTokens: 10 });
  const [parked] = ended[0] ?? [];
  assert.deepEqual(parked, {
    type: 'agent.parked',
    agent: 'agent',
    life: 1,
    waitsFor: 'limit',
    reason: 'the task used its 1 model calls (limits.task_calls)',
    limit: { name: 'task_calls', value: 1 },
  });
  assert.deepEqual(governor.stopped, []);
});

test('agents that were started by others share the limits of their task', () => {
  const { state, record } = runOf((config) => {
    config.limits.task_tokens = 2_000;
  });
  void record([
    { type: 'model.granted', agent: 't1/1', call: 1, model: 'acme/big' },
    {
      type: 'model.failed',
      agent: 't1/1',
      call: 1,
      reason: '',
      retryable: true,
      usage: { inputTokens: 1_500, outputTokens: 0, usd: 0 },
    },
  ]);
  const need = { inputTokens: 400, outputTokens: 1_000 };
  assert.equal(roomFor(state(), 't1', need, null, nothing).kind, 'over');
  assert.equal(roomFor(state(), 't2', need, null, nothing).kind, 'fits');
});
