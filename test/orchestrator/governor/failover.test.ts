import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureKind, ModelFailure } from '../../../ipc/model.ts';
import { answered, ask, callFailed, openCaller } from '../../../orchestrator/governor/agent-calls.ts';
import { type Breaker, enter, failed, succeeded } from '../../../orchestrator/governor/circuit-breaker.ts';
import { afterFailure } from '../../../orchestrator/governor/retry.ts';
import { choiceOf, governorOf, lineOf, rowsInMemory, runOf } from './support.ts';

/** Goal: what fails is tried again, elsewhere, or given up, as its kind demands. Method: decisions, then seats in a governor. */
const failure = (kind: FailureKind, retryAfterMs: number | null = null): ModelFailure => ({
  kind,
  reason: `it was ${kind}`,
  status: null,
  retryAfterMs,
});
const times = (count: number, kind: FailureKind = 'server') => Array.from({ length: count }, () => kind);
const settings = { retries: 4, patienceMs: 60_000 };
const first = { failures: times(1), othersLeft: true, alone: false, sinceMs: 0 };

test('what may pass is tried again, with growing pauses, then elsewhere', () => {
  const pauses = [1, 2, 3, 4].map((count) =>
    afterFailure(failure('server'), { ...first, failures: times(count) }, settings, 1),
  );
  assert.deepEqual(
    pauses.map((verdict) => (verdict.next === 'again' ? verdict.afterMs : verdict.next)),
    [500, 1_000, 2_000, 4_000],
  );
  assert.deepEqual(afterFailure(failure('server'), { ...first, failures: times(5) }, settings, 1), { next: 'other' });
});

test('Retry-After is honoured; a long one sends the call elsewhere at once', () => {
  assert.deepEqual(afterFailure(failure('rate_limited', 7_000), first, settings, 0), { next: 'again', afterMs: 7_000 });
  assert.deepEqual(afterFailure(failure('rate_limited', 90_000), first, settings, 0), { next: 'other' });
  const alone = { ...first, othersLeft: false };
  assert.deepEqual(afterFailure(failure('rate_limited', 50_000), alone, settings, 0), {
    next: 'again',
    afterMs: 50_000,
  });
});

test('a pause that is longer than the patience is not waited for', () => {
  const tooLong = failure('rate_limited', 3_600_000);
  const last = { ...first, othersLeft: false };
  assert.deepEqual(afterFailure(tooLong, { ...last, alone: true }, settings, 0), { next: 'over' });
  assert.deepEqual(afterFailure(tooLong, last, settings, 0), { next: 'again', afterMs: 30_000, fromTop: true });
  assert.deepEqual(afterFailure(tooLong, { ...last, sinceMs: 60_000 }, settings, 0), { next: 'over' });
});

test('what cannot pass is never sent again', () => {
  for (const kind of ['auth', 'quota', 'not_found', 'request', 'refused'] as const) {
    assert.deepEqual(afterFailure(failure(kind), first, settings, 0), { next: 'other' }, kind);
    assert.deepEqual(afterFailure(failure(kind), { ...first, othersLeft: false }, settings, 0), { next: 'over' }, kind);
  }
});

test('a failure that mostly has a cause that stays is sent again once, also alone', () => {
  for (const kind of ['malformed', 'no_api'] as const) {
    const other = { ...first, failures: [...times(3), kind] };
    const same = { ...first, failures: times(2, kind) };
    assert.equal(afterFailure(failure(kind), { ...other, othersLeft: false }, settings, 0).next, 'again', kind);
    assert.deepEqual(afterFailure(failure(kind), { ...same, othersLeft: false }, settings, 0), { next: 'over' }, kind);
    assert.deepEqual(afterFailure(failure(kind), same, settings, 0), { next: 'other' }, kind);
  }
});

test('when all were tried the patience decides', () => {
  const tries = { failures: times(9), othersLeft: false, alone: false, sinceMs: 10_000 };
  assert.equal(afterFailure(failure('network'), tries, settings, 0).next, 'again');
  assert.equal(afterFailure(failure('network'), { ...tries, sinceMs: 60_000 }, settings, 0).next, 'over');
});

test('a breaker opens after five failures in a row, lets one probe through, and closes or opens for longer', () => {
  let row: Breaker | null = null;
  for (let count = 0; count < 5; count += 1) {
    assert.equal(enter(row, 0).answer.waitMs, 0);
    row = failed(row, 'it was down', 0).row;
  }
  assert.equal(enter(row, 1_000).answer.waitMs, 14_000);
  const probe = enter(row, 15_000);
  assert.equal(probe.answer.waitMs, 0);
  assert.ok(enter(probe.row, 15_001).answer.waitMs > 0, 'one probe at a time');
  const again = failed(probe.row, 'it was down', 15_002).row;
  assert.equal(enter(again, 15_003).answer.waitMs, 29_999);
  assert.equal(enter(succeeded().row, 15_003).answer.waitMs, 0);
});

/** A caller whose models fail as `plan` says, one entry per grant; null: it answers. Returns who was asked. */
async function worked(plan: (FailureKind | null)[], refs: string[], live = rowsInMemory()) {
  const run = runOf();
  const governor = governorOf(run, { live });
  const { line, next, ended } = lineOf();
  const caller = openCaller(governor, {
    agent: 'agent',
    chain: refs.map((ref) => choiceOf(ref)),
    role: { output_max: 100 },
    line,
  });
  const asked: string[] = [];
  void ask(caller, { type: 'ask', call: 1, inputTokens: 10 });
  for (const kind of plan) {
    const grant = await next();
    if (!grant) break;
    asked.push(grant.model);
    if (kind === null) answered(caller, { inputTokens: 1, outputTokens: 1, usd: 0 });
    else void callFailed(caller, { type: 'failed', call: 1, failure: failure(kind, 1) });
  }
  if (plan.at(-1) !== null) await next();
  return { asked, ended, events: run.events.slice(1), live };
}

test('a failing vendor is left for the next, visibly, after its retries', async () => {
  const { asked, events } = await worked(['server', 'server', 'server', null], ['one/m', 'two/m']);
  assert.deepEqual(asked, ['one/m', 'one/m', 'one/m', 'two/m']);
  const switched = events.filter((event) => event.type === 'model.switched');
  assert.deepEqual(
    switched.map((event) => ({ from: event.from, to: event.to, reason: event.reason })),
    [{ from: 'one/m', to: 'two/m', reason: 'one/m: it was server' }],
  );
});

test('a wrong key moves on at once; at the end of the chain it ends the agent with a code', async () => {
  const moved = await worked(['auth', null], ['one/m', 'two/m']);
  assert.deepEqual(moved.asked, ['one/m', 'two/m']);
  const none = await worked(['auth', 'auth'], ['one/m', 'two/m']);
  assert.match(JSON.stringify(none.ended), /two\/m: it was auth \(the last of 2 models that were asked\)/);
  const { ended } = await worked(['auth'], ['one/m']);
  const [last] = ended[0] ?? [];
  assert.equal(last?.type === 'agent.finished' && last.handoff.code, 'key_refused');
});

test('a vendor whose circuit is open is not asked by the next agent, in whatever host', async () => {
  const live = rowsInMemory();
  await worked(['server', 'server', 'server', 'server', null], ['one/m', 'two/m'], live);
  await worked(['server', 'server', 'server', null], ['one/m', 'two/m'], live);
  const { asked, events } = await worked([null], ['one/m', 'two/m'], live);
  assert.deepEqual(asked, ['two/m']);
  assert.match(JSON.stringify(events), /one\/m failed several times in a row/);
});

test('a key that was asked to pause for long is not waited for by the next agent, which has another model', async () => {
  const live = rowsInMemory();
  const chain = ['one/m', 'two/m'].map((ref) => choiceOf(ref));
  const begin = () => {
    const run = runOf();
    const { line, next } = lineOf();
    const caller = openCaller(governorOf(run, { live }), { agent: 'agent', chain, role: { output_max: 100 }, line });
    void ask(caller, { type: 'ask', call: 1, inputTokens: 10 });
    return { run, caller, next };
  };
  const before = begin();
  await before.next();
  void callFailed(before.caller, { type: 'failed', call: 1, failure: failure('rate_limited', 200_000) });
  assert.equal((await before.next())?.model, 'two/m');
  const after = begin();
  assert.equal((await after.next())?.model, 'two/m');
  assert.match(JSON.stringify(after.run.events), /one asked to be left alone/);
});

test('a failure after the answer had begun counts what the vendor may bill', async () => {
  const run = runOf();
  const governor = governorOf(run);
  const { line, next } = lineOf();
  const caller = openCaller(governor, { agent: 'agent', chain: [choiceOf('one/m')], role: { output_max: 100 }, line });
  void ask(caller, { type: 'ask', call: 1, inputTokens: 1_000 });
  await next();
  caller.call!.granted!.characters = 300;
  void callFailed(caller, { type: 'failed', call: 1, failure: failure('network') });
  await next();
  assert.deepEqual(run.state().agents.get('agent')?.usage, { calls: 2, tokens: 1_100, usd: 0.002 });
});

test('a wait that is long enough to wonder about is told before it begins', async () => {
  const run = runOf();
  const governor = governorOf(run, { random: () => 0, settings: run.state().created.config.models });
  const { line, next } = lineOf();
  const caller = openCaller(governor, { agent: 'agent', chain: [choiceOf('one/m')], role: { output_max: 100 }, line });
  void ask(caller, { type: 'ask', call: 1, inputTokens: 10 });
  await next();
  void callFailed(caller, { type: 'failed', call: 1, failure: failure('rate_limited', 4_000) });
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const delayed = run.events.filter((event) => event.type === 'model.delayed');
  assert.deepEqual(
    delayed.map(({ ms, reason }) => ({ ms, reason })),
    [{ ms: 4_000, reason: 'it was rate_limited' }],
  );
  governor.stopRun('');
});
