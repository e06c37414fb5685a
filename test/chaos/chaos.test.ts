import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chaos } from './chaos.ts';
import { everyEvent } from './every-event.ts';

/**
 * Goal: a host that is killed anywhere and resumed ends with the same tree, and nothing was done twice or left running.
 * Method: a short sample with a fixed seed of what `npm run chaos` does at length.
 */
test('five kills at seeded points change nothing about the result', async () => {
  const result = await chaos({ seed: 20, kills: 5, tasks: 4, tell: () => {} });
  assert.deepEqual(result.faults, []);
  assert.equal(result.kills, 5);
});

test('six kills of any process, background agents, hands and commands too, change nothing about the result', async () => {
  const result = await chaos({ seed: 5, kills: 6, tasks: 4, anyone: true, tell: () => {} });
  assert.deepEqual(result.faults, []);
  assert.ok(result.kills >= 6);
});

test('a host that dies exactly at one of twelve events goes on to the same result', async () => {
  const result = await everyEvent({ tasks: 2, chosen: (seq) => seq % 4 === 1, tell: () => {} });
  assert.deepEqual(result.faults, []);
  assert.ok(result.deaths >= 8, `it died ${result.deaths} times`);
});
