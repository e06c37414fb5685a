/** Goal: a command ends when it must, leaves nothing running, and its output is kept. Method: real hands, hostile commands. */
import assert from 'node:assert/strict';
import { closeSync, readFileSync, statSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../../ipc/fault.ts';
import { cString, systemCall } from '../../../sandbox/native.ts';
import { readProcessStat } from '../../../supervisor/identity.ts';
import { addDescendants, hasMark, listProcesses } from '../../../supervisor/process-tree.ts';
import { heldBytes, heldBytesExactly } from '../../../tools/program/held-memory.ts';
import { handsAt, place } from './hands-here.ts';

/** Processes of this machine that carry a mark in their command line. */
const running = (mark: string) =>
  listProcesses().filter(({ pid, state }) => {
    try {
      return state !== 'Z' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  }).length;

test('exit code, both outputs in their order, directory and environment are as asked', async (context) => {
  const here = place(context, { 'sub/file': '' });
  const hands = await handsAt(context, here.policy);
  const news: string[] = [];
  const report = await hands.run({
    command: 'echo out; echo err >&2; echo "$GREETING from $(basename "$PWD")"; cat; exit 3',
    ...{ directory: 'sub', timeoutMs: 10_000, environment: { GREETING: 'hi' }, onOutput: (text) => news.push(text) },
  });
  const text = 'out\nerr\nhi from sub\n';
  const { durationMs, outputPath, ...rest } = report;
  assert.deepEqual(rest, {
    exitCode: 3,
    signal: null,
    timedOut: false,
    tail: text,
    truncated: false,
    outputBytes: text.length,
  });
  assert.ok(durationMs >= 0 && durationMs < 10_000);
  assert.equal(readFileSync(outputPath, 'utf8'), text);
  assert.equal(news.join(''), text);
  assert.equal((await hands.run({ command: 'kill -9 $$', directory: '.', timeoutMs: 10_000 })).signal, 'SIGKILL');
  await assert.rejects(hands.run({ command: 'true', directory: '..', timeoutMs: 1_000 }), /outside the workspace/);
  await assert.rejects(
    hands.run({ command: 'true', directory: 'nowhere', timeoutMs: 1_000 }).then((ran) => assert.equal(ran.exitCode, 0)),
  );
});

test('the deadline ends a command that ignores SIGTERM, with all its children', async (context) => {
  const hands = await handsAt(context, place(context).policy);
  const mark = `77${process.pid}`;
  const command = `trap "" TERM; (trap "" TERM; sleep ${mark}) & setsid sleep ${mark} & setsid sh -c 'sleep ${mark} & sleep ${mark}' & sleep ${mark}; sleep ${mark}`;
  const report = await hands.run({ command, directory: '.', timeoutMs: 1_000 });
  assert.deepEqual([report.timedOut, report.signal, running(mark)], [true, 'SIGKILL', 0]);
  assert.match(report.tail, /ended after 1000 ms, its deadline/);
});

test('what a command leaves in the background is ended with it, also without a trace in its environment', async (context) => {
  const hands = await handsAt(context, place(context).policy);
  const mark = `78${process.pid}`;
  const report = await hands.run({
    command: `sleep ${mark} & setsid sleep ${mark} & (setsid env -i sh -c 'sleep ${mark}' &) ; sleep 0.2; echo done`,
    ...{ directory: '.', timeoutMs: 10_000 },
  });
  assert.deepEqual([report.exitCode, report.tail, running(mark)], [0, 'done\n', 0]);
});

test('a cancelled command ends and still answers', async (context) => {
  const hands = await handsAt(context, place(context).policy);
  const abort = new AbortController();
  const ran = hands.run({ command: 'sleep 60', directory: '.', timeoutMs: 60_000, signal: abort.signal });
  setTimeout(() => abort.abort(), 100);
  const { signal, timedOut } = await ran;
  assert.deepEqual({ signal, timedOut }, { signal: 'SIGKILL', timedOut: false });
});

test('a flood of output is cut: the end in the report, the beginning in the file', async (context) => {
  const hands = await handsAt(context, place(context).policy);
  const command = 'i=0; yes "a line of forty characters, no more of it" | head -n 100000; echo äöü last';
  const report = await hands.run({ command, directory: '.', timeoutMs: 60_000 });
  assert.equal(report.truncated, true);
  assert.ok(Buffer.byteLength(report.tail) <= 20_000);
  assert.match(report.tail, /äöü last\n$/);
  const size = statSync(report.outputPath).size;
  assert.ok(size > 20_000 * 50 && size < 20_000 * 50 + 200, `${size}`);
  assert.match(readFileSync(report.outputPath, 'utf8').slice(-200), /the output goes on; it was cut here/);
});

test('a command that takes too much memory or too many processes is killed and told', async (context) => {
  const { policy } = place(context);
  const limits = { ...policy.limits, memoryBytesMax: 150 * 1024 * 1024, processesMax: 20 };
  const hands = await handsAt(context, { ...policy, limits });
  const hog = await hands.run({
    command: `node -e 'const kept = []; setInterval(() => kept.push(Buffer.alloc(20e6, 1)), 20)'`,
    ...{ directory: '.', timeoutMs: 30_000 },
  });
  assert.equal(hog.signal, 'SIGKILL');
  assert.match(hog.tail, /killed: it used \d+ MiB of memory, the limit is 150 MiB/);
  const many = await hands.run({
    command: 'for i in $(seq 40); do sleep 20 & done; wait',
    directory: '.',
    timeoutMs: 30_000,
  });
  assert.equal(many.signal, 'SIGKILL');
  assert.match(many.tail, /killed: it ran \d+ processes, the limit is 20/);
});

test('memory that no address leads to counts: a memory file; pages that are shared count once', () => {
  if (process.platform !== 'linux') return;
  const self = [readProcessStat(process.pid)!];
  const before = heldBytes(self);
  const memfdCreate = { x64: 319, arm64: 279 }[process.arch as 'x64'];
  const descriptor = systemCall(memfdCreate, cString('held'), 0);
  assert.ok(descriptor > 0);
  writeSync(descriptor, Buffer.alloc(32 * 1024 * 1024, 1));
  const held = heldBytes(self) - before;
  closeSync(descriptor);
  assert.ok(held >= 32 * 1024 * 1024, `${held} bytes`);
  const twice = heldBytesExactly([...self, ...self]);
  assert.ok(twice <= 2 * heldBytes(self), 'no page counts more than it is held');
});

test('a deadline is kept although the command has stopped the hands that were to keep it', async (context) => {
  if (process.platform !== 'linux') return;
  const hands = await handsAt(context, place(context).policy);
  const asked = hands.run({ command: 'sleep 60', directory: '.', timeoutMs: 100 });
  // The process that was started waits in front of the hands where these have process numbers of their own.
  const processes = new Set([hands.pid]);
  addDescendants(listProcesses(), processes);
  for (const pid of processes) process.kill(pid, 'SIGSTOP');
  await assert.rejects(asked, (error: Fault) => error.code === 'process_failed');
});

test('no command writes an endless file, opens files without end, or leaves its memory on the disk', async (context) => {
  const hands = await handsAt(context, place(context).policy);
  const run = (command: string) => hands.run({ command, directory: '.', timeoutMs: 30_000 });
  const { tail } = await run('ulimit -c; ulimit -Hc; ulimit -n; ulimit -Hn; ulimit -f; ulimit -Hf');
  const [core, hardCore, open, hardOpen, ...file] = tail.trim().split('\n').map(Number);
  assert.deepEqual([core, hardCore, ...file], [0, 0, 8_388_608, 8_388_608]);
  assert.ok(open! <= 16_384 && hardOpen! <= 16_384, tail);
  const large = await run(
    `trap '' XFSZ; truncate -s 5G large; head -c 1 /dev/zero | dd of=large bs=1 seek=5G conv=notrunc; stat -c %s large`,
  );
  assert.match(large.tail, /File too large[\s\S]*\n0\n$/);
  const many = await run(
    `ulimit -n 100000; node -e 'const kept = []; try { for (;;) kept.push(require("fs").openSync("/dev/null")) } catch (e) { console.log(e.code, kept.length < 16384) }'`,
  );
  assert.match(many.tail, /EMFILE true\n$/);
});

test('hands that are killed fail the open order and leave nothing', async (context) => {
  const hands = await handsAt(context, place(context).policy);
  const mark = `80${process.pid}`;
  const fled = `env -i "$(command -v setsid)" sleep ${mark} &`;
  const ran = hands.run({ command: `${fled} sleep ${mark}`, directory: '.', timeoutMs: 60_000 });
  const failed = assert.rejects(
    ran,
    (error) => error instanceof Fault && error.code === 'process_failed' && /hands ended/.test(error.message),
  );
  while (running(mark) < 2) await sleep(20);
  // Where they have process numbers of their own, what we started waits for them outside.
  process.kill(listProcesses().find(({ parent }) => parent === hands.pid)?.pid ?? hands.pid, 'SIGKILL');
  await failed;
  assert.equal(running(mark), 0);
  await assert.rejects(
    hands.prepare('read_file', { path: 'x' }),
    (error) => error instanceof Fault && error.code === 'process_failed',
  );
});

test('stopping hands ends a command under way', async (context) => {
  const hands = await handsAt(context, place(context).policy);
  const mark = `79${process.pid}`;
  const ran = hands.run({ command: `setsid sleep ${mark} & sleep ${mark}`, directory: '.', timeoutMs: 60_000 });
  ran.catch(() => {});
  while (running(mark) < 2) await sleep(20);
  await hands.stop();
  assert.equal(running(mark), 0);
  assert.equal(hasMark(hands.pid, 'VTCODE_PARENT', String(process.pid)), false);
});
