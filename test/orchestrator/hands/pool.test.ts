// Goal: hands may be killed at any moment, and who works with them gets others: before they have said a word, between two
// orders, and while they are being stopped. Method: real hands behind real walls, killed from here at that very moment.
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../../ipc/fault.ts';
import type { HandsPolicy } from '../../../ipc/hands-protocol.ts';
import { newFamilyToken } from '../../../ipc/ids.ts';
import { startHands } from '../../../orchestrator/hands/hands.ts';
import { handsPool } from '../../../orchestrator/hands/pool.ts';
import { type HandsProcess, startProcess } from '../../../orchestrator/hands/process.ts';
import { sweepFamily } from '../../../supervisor/process-tree.ts';
import { permitted } from '../../support/permitted.ts';
import { builtHands } from '../../support/vtcode.ts';
import { place } from '../../tools/program/hands-here.ts';

/** A machine under load tells of an end so much later than that the channel closed, in milliseconds. */
const toldLateMs = 100;

/** A pool on a workspace with one file. `onProcess` hears of each process the moment it is started. */
function poolAt(context: TestContext, onProcess: (started: HandsProcess, count: number) => void = () => {}) {
  const { policy } = place(context, { 'a.txt': 'hello\n' });
  const family = newFamilyToken();
  const environment = { PATH: process.env.PATH, HOME: homedir() };
  const startOf = (given: HandsPolicy) => ({ policy: given, family, environment, program: builtHands });
  let count = 0;
  const pool = handsPool({
    process(given) {
      const { child, ...rest } = startProcess(startOf(given));
      count += 1;
      onProcess({ child, ...rest }, count);
      return { ...rest, child: { ...child, exited: child.exited.then((exit) => sleep(toldLateMs, exit)) } };
    },
    hands: (given, started) => startHands(startOf(given), started),
  });
  context.after(async () => {
    await pool.stopAll();
    await sweepFamily(family);
  });
  const read = async () => {
    const hands = permitted(await pool.get('t1:write', () => policy));
    return { pid: hands.pid, text: (await hands.prepare('read_file', { path: 'a.txt' })).text };
  };
  return { pool, policy, read, started: () => count };
}

test('hands that are killed before they have said a word are started again, and nobody hears of it', async (context) => {
  const { read, started } = poolAt(context, ({ child }, count) => {
    if (count < 3) child.kill();
  });
  assert.match((await read()).text, /hello/);
  assert.equal(started(), 3);
});

test('hands that never come up are an error after three of them', async (context) => {
  const { read, started } = poolAt(context, ({ child }) => child.kill());
  await assert.rejects(read(), (error) => error instanceof Fault && error.code === 'process_failed');
  assert.equal(started(), 3);
});

test('those that wait for their policy may be killed as well', async (context) => {
  const { pool, policy, read, started } = poolAt(context, ({ child }, count) => {
    if (count === 1) child.kill();
  });
  pool.expect('t1:write', policy);
  assert.match((await read()).text, /hello/);
  assert.equal(started(), 2);
});

test('hands that die between two orders fail none that is tried again, even before their end is known', async (context) => {
  const closed = Promise.withResolvers<string>();
  const { read } = poolAt(context, ({ child }, count) => {
    if (count === 1) child.channel.onClose(closed.resolve);
  });
  const { pid } = await read();
  process.kill(-pid, 'SIGKILL');
  await closed.promise;
  const other = await read().catch(read);
  assert.match(other.text, /hello/);
  assert.notEqual(other.pid, pid);
});

test('hands that are asked for while others of their name are being stopped are the ones that stay', async (context) => {
  const { pool, read, started } = poolAt(context);
  const first = await read();
  const stopping = pool.stop('t1:write');
  const second = await read();
  await stopping;
  const third = await read();
  assert.notEqual(second.pid, first.pid);
  assert.equal(third.pid, second.pid);
  assert.equal(started(), 2);
});

test('hands for single calls end with those that they stand beside, and with no others', async (context) => {
  const { pool, policy } = poolAt(context);
  const names = ['t1:write', 't1:write:AGENTS.md', 't1:writes', 't1:read'];
  const hands = await Promise.all(names.map((name) => pool.get(name, () => policy)));
  await pool.stop('t1:write');
  await Promise.all(hands.slice(0, 2).map(({ exited }) => exited));
  for (const [at, name] of names.entries())
    assert.equal((await pool.get(name, () => policy)).pid === hands[at]!.pid, at >= 2, name);
});

test('retired hands get no new order, end the one that they have, and are stopped with their name', async (context) => {
  const { pool, policy } = poolAt(context);
  const name = 't1:write:view';
  const old = permitted(await pool.get(name, () => policy));
  const begun = Promise.withResolvers<void>();
  const command = 'echo begun; while ! test -e go; do sleep 0.05; done; echo done';
  const onOutput = () => begun.resolve();
  const ran = old.run({ command, directory: '.', timeoutMs: 60_000, onOutput });
  await begun.promise;
  pool.retire(name);
  const next = permitted(await pool.get(name, () => policy));
  assert.notEqual(next.pid, old.pid);
  await next.run({ command: 'touch go', directory: '.', timeoutMs: 60_000 });
  assert.match((await ran).tail, /done/);
  await pool.stop('t1:write');
  await Promise.all([old.exited, next.exited]);
});
