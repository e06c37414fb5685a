import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PartName, type PartResult, partNamed } from './parts.ts';

/**
 * Goal: a host that is killed anywhere and resumed ends with the same tree, and nothing was done twice or left running.
 * Method: a short sample with a fixed seed of what `npm run proof` does at length.
 */
async function sample(name: PartName, seed: number): Promise<PartResult['counts']> {
  const part = partNamed(name);
  // Each kill and each fault is told as it comes: the output explains a failure that is seen only once.
  const tell = (line: string) => process.stdout.write(`${line}\n`);
  const result = await part.work({ seed, amount: part.quickAmount, isQuick: true, tell, keep: () => {} });
  assert.deepEqual(result.faults, []);
  return result.counts;
}

// The part `kills` is left to the proof: here the kills of any process are kills of hosts too.
test('four kills of any process, background agents, hands and commands too, change nothing about the result', async () => {
  const { kills } = await sample('anyone', 5);
  assert.ok(kills && kills >= 4, `${kills} kills`);
});

test('four kills of any process of a detached run, the cli and supervise too: it goes on by itself to the same result', async () => {
  const { kills } = await sample('detached', 9);
  assert.ok(kills && kills >= 4, `${kills} kills`);
});

test('six runs with children that want to stay, ended in every way, leave nothing', {
  skip: process.platform !== 'linux',
}, async () => {
  const { runs, unseen = 0 } = await sample('hostile', 4);
  assert.deepEqual({ runs, seen: unseen < 4 }, { runs: 6, seen: true });
});

test('a host that dies exactly at one of nine events goes on to the same result', async () => {
  const { deaths } = await sample('every-event', 1);
  assert.ok(deaths && deaths >= 3, `it died ${deaths} times`);
});

test('a host whose newest undurable events are lost with it goes on to the same result: no effect is made twice', async () => {
  const { deaths } = await sample('power-loss', 1);
  assert.ok(deaths && deaths >= 2, `it died ${deaths} times`);
});

test('five agents that crash whenever they begin delay no other agent, and all that wait are listed', async () => {
  assert.deepEqual(await sample('many-agents', 1), { bad: 5, good: 3, idle: 3 });
});
