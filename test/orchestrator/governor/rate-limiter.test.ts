import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RateLimits } from '../../../ipc/model.ts';
import { enterQueue, headOf, loseTurn, type RateRow, setOff } from '../../../orchestrator/governor/rate-limiter.ts';
import { millisecondsOf } from '../../../providers/http/rate-limits.ts';

/**
 * Goal: agents of many hosts on one key ask as fast as the vendor allows and hardly ever too fast.
 * Method: a vendor's token bucket, agents and a clock, all simulated: an hour passes in milliseconds.
 */
type Vendor = {
  capacity: number;
  perMs: number;
  headers: boolean;
  kind: 'requests' | 'tokens';
  /** It tells the moment at which the bucket is full, to the second. */
  toTheSecond?: boolean;
  /** Somebody else with the same key, unheard of here, takes so many at once every five seconds. */
  othersTake?: number;
  /** What a rejected call is told to wait. Not given: as long as its amount takes to come in. */
  retryAfterMs?: number;
};

/** The vendor's bucket: `arrive` takes the amount of one call, and answers what the head of the answer says of the rest. */
function bucketOf(vendor: Vendor, amount: number, now: () => number) {
  let level = vendor.capacity;
  let at = 0;
  let othersAt = 5_000;
  let othersTimes = 0;
  const arrive = (): RateLimits | null | 'rejected' => {
    level = Math.min(vendor.capacity, level + (now() - at) * vendor.perMs);
    at = now();
    if (vendor.othersTake && at >= othersAt) {
      level = Math.max(0, level - vendor.othersTake);
      othersAt = at + 5_000;
      othersTimes += 1;
    }
    if (level < amount) return 'rejected';
    level -= amount;
    if (!vendor.headers) return null;
    const said = { limit: vendor.capacity, remaining: Math.floor(level), resetMs: resetOf(vendor, level, at) };
    return { requests: vendor.kind === 'requests' ? said : null, tokens: vendor.kind === 'tokens' ? said : null };
  };
  return { arrive, othersTimes: () => othersTimes };
}

/** Plays `agents` agents with `calls` calls each; `tokens` per call, `answerMs` until the head is there. */
function play(
  vendor: Vendor,
  { agents, calls, tokens, answerMs }: { agents: number; calls: number; tokens: number; answerMs: number },
) {
  let rate: RateRow | null = null;
  let now = 0;
  let rejected = 0;
  let done = 0;
  let started = 0;
  const queue: { at: number; order: number; act: () => void }[] = [];
  let order = 0;
  const later = (ms: number, act: () => void) => queue.push({ at: now + ms, order: order++, act });
  const amount = vendor.kind === 'requests' ? 1 : tokens;
  const { arrive, othersTimes } = bucketOf(vendor, amount, () => now);
  const call = (agent: number, left: number) => {
    if (left === 0) return;
    const id = `${agent}:${left}:${started++}`;
    const enter = () => {
      const entered = enterQueue(rate, id, tokens, now);
      rate = entered.row;
      if (entered.answer.again) later(entered.answer.waitMs * (1 + (agent % 7) / 35), enter);
      else later(entered.answer.waitMs, send);
    };
    const send = () => {
      const mayGo = setOff(rate, id, now);
      rate = mayGo.row;
      if (!mayGo.answer) return enter();
      const answer = arrive();
      later(answerMs, () => {
        if (answer === 'rejected') {
          rejected += 1;
          rate = headOf(
            rate,
            id,
            null,
            { retryAfterMs: vendor.retryAfterMs ?? Math.ceil(amount / vendor.perMs) },
            now,
          ).row;
          return later(1, () => call(agent, left));
        }
        rate = headOf(rate, id, answer, null, now).row;
        done += 1;
        later(1, () => call(agent, left - 1));
      });
    };
    enter();
  };
  for (let agent = 0; agent < agents; agent += 1) call(agent, calls);
  while (queue.length > 0) {
    queue.sort((a, b) => a.at - b.at || a.order - b.order);
    const next = queue.shift()!;
    now = next.at;
    next.act();
  }
  const atBest = Math.max(0, (agents * calls * amount - vendor.capacity) / vendor.perMs);
  return {
    ...{ done, rejectedShare: rejected / (done + rejected), rejectedEachTime: rejected / othersTimes() },
    throughput: atBest / now,
  };
}

/** How long until the bucket is full, as it is read from the vendor's header. */
function resetOf({ capacity, perMs, toTheSecond }: Vendor, level: number, now: number): number {
  const resetMs = Math.ceil((capacity - level) / perMs);
  if (!toTheSecond) return resetMs;
  const moment = new Date(now + resetMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return millisecondsOf(moment, now) ?? 0;
}

test('24 agents on one key: every call is made, hardly one is rejected, and the bucket is used', () => {
  const vendor: Vendor = { capacity: 60, perMs: 60 / 60_000, headers: true, kind: 'requests' };
  const { done, rejectedShare, throughput } = play(vendor, { agents: 24, calls: 20, tokens: 1_000, answerMs: 40 });
  assert.equal(done, 480);
  assert.ok(rejectedShare <= 0.02, `${rejectedShare} rejected`);
  assert.ok(throughput >= 0.9, `${throughput} of what the bucket gives`);
});

test('the same when the vendor counts tokens', () => {
  const vendor: Vendor = { capacity: 100_000, perMs: 100_000 / 60_000, headers: true, kind: 'tokens' };
  const { done, rejectedShare, throughput } = play(vendor, { agents: 24, calls: 20, tokens: 4_000, answerMs: 300 });
  assert.equal(done, 480);
  assert.ok(rejectedShare <= 0.02, `${rejectedShare} rejected`);
  assert.ok(throughput >= 0.9, `${throughput} of what the bucket gives`);
});

test('a vendor that tells moments to the second is not asked too early for it', () => {
  const vendor: Vendor = { capacity: 60, perMs: 15 / 1_000, headers: true, kind: 'requests', toTheSecond: true };
  const { rejectedShare, throughput } = play(vendor, { agents: 24, calls: 20, tokens: 100, answerMs: 30 });
  assert.ok(rejectedShare <= 0.02, `${rejectedShare} rejected`);
  assert.ok(throughput >= 0.9, `${throughput} of what the bucket gives`);
});

test('after a pause that the vendor asked for, those who waited come one after the other', () => {
  const vendor: Vendor = {
    ...{ capacity: 16, perMs: 6 / 1_000, headers: true, kind: 'requests' },
    ...{ othersTake: 8, retryAfterMs: 1_000 },
  };
  const { done, rejectedEachTime } = play(vendor, { agents: 24, calls: 40, tokens: 100, answerMs: 30 });
  assert.equal(done, 960);
  assert.ok(rejectedEachTime <= 2.5, `each time that others took some, ${rejectedEachTime} calls were rejected`);
});

test('a vendor that says nothing and rejects still gets every call', () => {
  const vendor: Vendor = { capacity: 10, perMs: 5 / 1_000, headers: false, kind: 'requests' };
  const { done } = play(vendor, { agents: 12, calls: 10, tokens: 100, answerMs: 20 });
  assert.equal(done, 120);
});

test('until the vendor has spoken few calls are let through, and twice as many after those', () => {
  let row: RateRow | null = null;
  const enter = (id: string) => {
    const entered = enterQueue(row, id, 1, 0);
    row = entered.row;
    return !entered.answer.again;
  };
  assert.deepEqual([enter('a'), enter('b'), enter('c')], [true, true, false]);
  row = headOf(row, 'a', null, null, 1).row;
  row = headOf(row, 'b', null, null, 1).row;
  assert.deepEqual(
    ['c', 'd', 'e', 'f', 'g'].map((id) => enter(id)),
    [true, true, true, true, false],
  );
});

test('a call that was lost with its host gives its place back', () => {
  const entered = enterQueue(enterQueue(null, 'a', 1, 0).row, 'b', 1, 0).row;
  assert.equal(enterQueue(entered, 'c', 1, 1_000).answer.again, true);
  assert.equal(enterQueue(entered, 'c', 1, 400_000).answer.again, false);
});

test('the place of a call whose agent has died is free at once, and what it took stays taken', () => {
  const full = enterQueue(enterQueue(null, 'a', 1, 0).row, 'b', 1, 0).row;
  assert.equal(enterQueue(loseTurn(full, 'a').row, 'c', 1, 1_000).answer.again, false);
  const said = { limit: 10, remaining: 9, resetMs: 1_000 };
  const known = headOf(null, 'x', { requests: said, tokens: null }, null, 0).row;
  const taken = enterQueue(known, 'a', 1, 0).row;
  assert.equal(loseTurn(taken, 'a').row.requests?.level, taken.requests?.level);
});

test('what a server says beyond all measure stops nobody for long', () => {
  const year = 365 * 86_400_000;
  const waited = (rate: RateRow, now: number) => enterQueue(rate, 'next', 1, now).answer.waitMs;
  assert.ok(waited(headOf(null, 'a', null, { retryAfterMs: 10 * year }, 0).row, 1) <= 300_000);
  const said = (limit: number, remaining: number, resetMs: number | null): RateLimits => ({
    requests: { limit, remaining, resetMs },
    tokens: null,
  });
  assert.equal(waited(headOf(null, 'a', said(0, 0, null), null, 0).row, 1), 0);
  assert.ok(waited(headOf(null, 'a', said(100, 0, 10 * year), null, 0).row, 1) <= 864_000);
});

test('a clock that was set back does not stop a key', () => {
  const day = 86_400_000;
  const before = headOf(null, 'a', null, { retryAfterMs: 60_000 }, day).row;
  assert.equal(enterQueue(before, 'b', 1, 0).answer.waitMs, 0);
});

test('a row that holds less than it should is read all the same', () => {
  assert.deepEqual(enterQueue({} as RateRow, 'a', 1, 0).answer, { waitMs: 0, again: false });
});
