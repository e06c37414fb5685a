import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChildSpec, decide, type ExitReason, reasonOf } from '../../supervisor/restart.ts';

/** Goal: what follows when a process ends is OTP's answer. Method: `decide` is pure; every clause is asked with given times. */
const minute = 60_000;
const spec: ChildSpec = {
  id: 'host',
  restart: 'transient',
  intensity: { restartsMax: 3, withinMs: 10 * minute },
  backoff: { firstMs: 1_000, mostMs: 8_000 },
  healthyMs: 2 * minute,
  graceMs: 5_000,
  limits: { memoryMb: null, lifeMs: null },
};
const now = 1_000 * minute;
const ask = (reason: ExitReason, ages: number[], more: Partial<ChildSpec> = {}, chance = 1) =>
  decide(
    reason,
    ages.map((age) => now - age),
    { ...spec, ...more },
    now,
    chance,
  );

test('exit codes are reasons; one that is not known, and none at all, is a crash', () => {
  const codes = [0, 1, 2, 3, 4, 130, 134, null];
  assert.deepEqual(codes.map(reasonOf), [
    'done',
    'crash',
    'configuration',
    'waiting',
    'limit',
    'stopped',
    'crash',
    'crash',
  ]);
});

test('who restarts whom: by type and reason', () => {
  const reasons: ExitReason[] = ['done', 'configuration', 'limit', 'waiting', 'stopped', 'crash', 'memory', 'stall'];
  const restarted = (restart: ChildSpec['restart']) =>
    reasons.filter((reason) => ask(reason, [minute], { restart }).next === 'restart');
  assert.deepEqual(restarted('transient'), ['crash', 'memory', 'stall']);
  assert.deepEqual(restarted('permanent'), ['done', 'crash', 'memory', 'stall']);
  assert.deepEqual(restarted('temporary'), []);
});

test('the pause doubles with each failure in a row, up to the most, and begins anew after a healthy life', () => {
  const lenient = { intensity: { restartsMax: 100, withinMs: 10 * minute } };
  const pause = (...ages: number[]) => {
    const decision = ask('crash', ages, lenient);
    return decision.next === 'restart' ? decision.afterMs : decision.next;
  };
  assert.equal(pause(1_000), 1_000);
  assert.equal(pause(3_000, 1_000), 2_000);
  assert.equal(pause(9_000, 3_000, 1_000), 4_000);
  assert.equal(pause(...Array.from({ length: 9 }, (_, index) => (9 - index) * 1_000)), 8_000);
  assert.equal(pause(3 * minute, 1_000), 1_000, 'the life before lasted three minutes');
  assert.equal(pause(3.2 * minute, 3.1 * minute, 2.5 * minute), 1_000, 'this life lasted long enough');
});

test('the pause is spread: half of it is chance', () => {
  const pauses = [0, 0.5, 1].map((chance) => ask('crash', [1_000], {}, chance));
  assert.deepEqual(
    pauses.map((one) => one.next === 'restart' && one.afterMs),
    [500, 750, 1_000],
  );
});

test('one restart too many within the window gives up; the window slides', () => {
  assert.equal(ask('crash', [3_000, 2_000, 1_000]).next, 'restart');
  assert.deepEqual(ask('crash', [4_000, 3_000, 2_000, 1_000]), { next: 'give_up', crashes: 4 });
  assert.equal(ask('crash', [11 * minute, 3_000, 2_000, 1_000]).next, 'restart', 'the first is out of the window');
});

test('a clock that was set back neither stops restarts nor makes them endless', () => {
  assert.equal(ask('crash', [-minute]).next, 'restart');
  assert.equal(ask('crash', [-minute, -minute, -minute, -minute]).next, 'give_up');
});
