import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chaos } from './chaos.ts';
import { everyEvent } from './every-event.ts';
import { hostile } from './hostile.ts';

/**
 * Goal: a host that is killed anywhere and resumed ends with the same tree, and nothing was done twice or left running.
 * Method: a short sample with a fixed seed of what `npm run chaos` does at length.
 */
/** Each kill and each fault as it comes, so that the log of a machine that nobody sits at explains a failure. */
const tell = (line: string) => process.stdout.write(`${line}\n`);

test('three kills at seeded points change nothing about the result', async () => {
  const result = await chaos({ seed: 20, kills: 3, tasks: 4, tell });
  assert.deepEqual(result.faults, []);
  assert.equal(result.kills, 3);
});

test('four kills of any process, background agents, hands and commands too, change nothing about the result', async () => {
  const result = await chaos({ seed: 5, kills: 4, tasks: 4, anyone: true, tell });
  assert.deepEqual(result.faults, []);
  assert.ok(result.kills >= 4);
});

test('four kills of any process of a detached run, the cli and supervise too: it goes on by itself to the same result', async () => {
  const result = await chaos({ seed: 9, kills: 4, tasks: 4, detached: true, tell });
  assert.deepEqual(result.faults, []);
  assert.ok(result.kills >= 4);
});

test('six runs with children that want to stay, ended in every way, leave nothing', {
  skip: process.platform !== 'linux',
}, async () => {
  const result = await hostile({ seed: 4, runs: 6, tell });
  assert.deepEqual(result.faults, []);
  assert.deepEqual({ runs: result.runs, seen: result.unseen < 4 }, { runs: 6, seen: true });
});

test('a host that dies exactly at one of seven events goes on to the same result', async () => {
  const result = await everyEvent({ tasks: 2, chosen: (seq) => seq % 7 === 1, tell });
  assert.deepEqual(result.faults, []);
  assert.ok(result.deaths >= 5, `it died ${result.deaths} times`);
});

test('a host whose newest undurable events are lost with it goes on to the same result: no effect is made twice', async () => {
  const result = await everyEvent({ tasks: 2, chosen: (seq) => seq % 10 === 3, powerLoss: true, tell });
  assert.deepEqual(result.faults, []);
  assert.ok(result.deaths >= 3, `it died ${result.deaths} times`);
});
