/** Goal: a child can be talked to, stopped in every state, and its end is told with its last words. Method: real children. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../../supervisor/child.ts';
import { identify, isAlive } from '../../supervisor/identity.ts';

const start = (what: string): Child<string> =>
  startChild({
    program: fileURLToPath(new URL('./stubborn-child.ts', import.meta.url)),
    arguments: [what],
    environment: { PATH: '/usr/bin:/bin', GREETING: 'hello' },
  });

const next = (child: Child<string>) => new Promise((resolve) => child.channel.onMessage(resolve));
const reason = (child: Child<string>) => new Promise<string>((resolve) => child.channel.onClose(resolve));

test('messages go both ways; closing the channel lets a well-behaved child end', async () => {
  const child = start('echo');
  assert.equal(await next(child), 'ready');
  const answer = next(child);
  assert.equal(child.channel.send('you'), true);
  assert.equal(await answer, 'heard you');
  const { code, signal } = await child.stop(5_000);
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
  assert.equal(child.channel.send('again'), false);
});

test('a child that never returns is killed with its group after the grace', async () => {
  const child = start('busy');
  await next(child);
  const { signal } = await child.stop(100);
  assert.equal(signal, 'SIGKILL');
});

test('the end of a child comes with exit code and its last words, and closes the channel once', async () => {
  const child = start('words');
  let closes = 0;
  child.channel.onClose(() => closes++);
  const { code, signal, stderr } = await child.exited;
  assert.deepEqual({ code, signal, length: stderr.length }, { code: 7, signal: null, length: 8_192 });
  assert.match(stderr, /x{100}last words\n$/);
  assert.equal(closes, 1);
  assert.equal(child.channel.send('anybody?'), false);
});

test('a killed child is told by channel and exit; sending to it then harms nobody', async () => {
  const child = start('echo');
  await next(child);
  const closed = reason(child);
  child.kill();
  for (let count = 0; count < 100; count++) child.channel.send('into the void');
  assert.equal((await child.exited).signal, 'SIGKILL');
  assert.match(await closed, /closed its channel|ended/);
});

test('a program that does not exist is an exit with the reason', async () => {
  const child = startChild({ program: '/nonexistent/program.js', environment: {} });
  const { code, stderr } = await child.exited;
  assert.equal(code, 1);
  assert.match(stderr, /Cannot find module/);
});

test('no process of the group outlives its leader', async () => {
  const child = start('group');
  const member = identify(Number(await next(child)));
  assert.ok(member && isAlive(member));
  process.kill(child.pid, 'SIGKILL');
  await child.exited;
  for (let look = 0; look < 100 && isAlive(member); look++) await sleep(10);
  assert.equal(isAlive(member), false);
});
