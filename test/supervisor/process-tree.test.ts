/**
 * Goal: after a host is gone, by any signal, nothing of its family is left within five seconds.
 * Method: a real host with children that leave their session, fork twice, ignore signals and never return; kill it, look.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newFamilyToken } from '../../ipc/ids.ts';
import { identify, isAlive } from '../../supervisor/identity.ts';
import { familyNumber, limitMark } from '../../supervisor/limit-mark.ts';
import {
  findMembers,
  handsVariable,
  listProcesses,
  livingFamilies,
  sweepFamily,
} from '../../supervisor/process-tree.ts';
import { startFamily } from '../../supervisor/process-tree-reaper.ts';
import { commandOf } from '../support/processes.ts';

const linuxOnly = { skip: process.platform !== 'linux' };
const host = fileURLToPath(new URL('./doomed-host.ts', import.meta.url));

async function startHost(
  token: string,
  what: string,
): Promise<{ pid: number; child: number; kill(signal: NodeJS.Signals): void }> {
  const started = spawn(process.execPath, [host, token, '300', what], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const [line] = await once(started.stdout.setEncoding('utf8'), 'data');
  return { pid: started.pid!, child: Number(String(line).split(' ')[1]), kill: (signal) => started.kill(signal) };
}

async function secondsUntil(condition: () => boolean, secondsMax: number): Promise<number> {
  const started = Date.now();
  while (!condition() && Date.now() - started < secondsMax * 1_000) await sleep(50);
  return (Date.now() - started) / 1_000;
}

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  test(`after ${signal} to the host its whole family is gone within five seconds`, linuxOnly, async (context) => {
    const token = newFamilyToken();
    context.after(() => sweepFamily(token));
    const { kill } = await startHost(token, 'family');
    assert.ok(findMembers(token).length >= 5, `a family to lose: ${findMembers(token).length}`);
    kill(signal);
    const seconds = await secondsUntil(() => findMembers(token).length === 0, 5);
    assert.ok(seconds < 5, `${findMembers(token).length} left after ${seconds} s`);
  });

test('a signal to the host’s whole group does not take the reaper with it', linuxOnly, async (context) => {
  const token = newFamilyToken();
  context.after(() => sweepFamily(token));
  const { pid } = await startHost(token, 'family');
  process.kill(-pid, 'SIGKILL');
  assert.ok((await secondsUntil(() => findMembers(token).length === 0, 5)) < 5);
});

test('a reaper that was killed while its host lives is replaced', linuxOnly, async (context) => {
  const token = newFamilyToken();
  context.after(() => sweepFamily(token));
  const { kill } = await startHost(token, 'family');
  context.after(() => kill('SIGKILL'));
  const reapers = () => listProcesses().filter(({ pid }) => commandOf(pid).endsWith(`reap.ts ${token}`));
  assert.ok((await secondsUntil(() => reapers().length === 1, 5)) < 5);
  const [first] = reapers();
  // One that ends at once is not replaced for ever.
  await sleep(1_500);
  process.kill(first!.pid, 'SIGKILL');
  assert.ok((await secondsUntil(() => reapers().some(({ pid }) => pid !== first!.pid), 5)) < 5);
  kill('SIGKILL');
  assert.ok((await secondsUntil(() => findMembers(token).length === 0, 5)) < 5);
});

test(
  'a child with an armed death signal dies with its host even in a busy loop, without any reaper',
  linuxOnly,
  async (context) => {
    const token = newFamilyToken();
    context.after(() => sweepFamily(token));
    const { kill, child } = await startHost(token, 'armed');
    const identity = identify(child);
    assert.ok(identity && isAlive(identity));
    kill('SIGKILL');
    assert.ok((await secondsUntil(() => !isAlive(identity), 2)) < 2);
  },
);

test('sweeping ends all members, says how many, and finds nobody the second time', linuxOnly, async () => {
  const token = newFamilyToken();
  const environment = { ...process.env, VTCODE_FAMILY: token };
  for (let count = 0; count < 3; count++)
    spawn('sleep', ['300'], { env: environment, detached: true, stdio: 'ignore' }).unref();
  assert.equal(findMembers(token).length, 3);
  assert.equal(await sweepFamily(token), 3);
  assert.deepEqual(findMembers(token), []);
  assert.equal(await sweepFamily(token), 0);
});

test('who sweeps its own family is spared, and what it started without any mark is not', linuxOnly, async () => {
  const token = newFamilyToken();
  const family = new URL('../../supervisor/process-tree.ts', import.meta.url).href;
  const text = `const { sweepFamily } = await import('${family}');
const child = process.getBuiltinModule('child_process').spawn('sleep', ['300'], { env: {}, stdio: 'ignore' });
await new Promise((resolve) => child.once('spawn', resolve));
process.stdout.write(String(await sweepFamily('${token}')));
child.kill('SIGKILL');`;
  const options = { env: { ...process.env, VTCODE_FAMILY: token }, encoding: 'utf8' as const };
  assert.equal(spawnSync(process.execPath, ['--input-type=module', '-e', text], options).stdout, '1');
});

test('ending a family from the host waits until it is gone, and then no reaper is left', linuxOnly, async () => {
  const token = newFamilyToken();
  const family = startFamily(token);
  spawn('sleep', ['300'], { env: { ...process.env, VTCODE_FAMILY: token }, detached: true, stdio: 'ignore' }).unref();
  const plain = spawn('sh', ['-c', 'sleep 300 & sleep 300'], { env: {}, detached: true, stdio: 'ignore' });
  family.watch(plain.pid!);
  await family.end();
  assert.deepEqual(findMembers(token), []);
  assert.deepEqual(
    [plain.exitCode, plain.signalCode].includes('SIGKILL') || (await once(plain, 'exit'))[1] === 'SIGKILL',
    true,
  );
});

test('a process is known by more than its number', linuxOnly, async () => {
  const sleeper = spawn('sleep', ['300']);
  const identity = identify(sleeper.pid!);
  assert.ok(identity && isAlive(identity));
  assert.equal(isAlive({ ...identity, startTime: identity.startTime + 1 }), false);
  assert.equal(isAlive({ ...identity, bootId: 'another' }), false);
  sleeper.kill('SIGKILL');
  await once(sleeper, 'exit');
  assert.equal(isAlive(identity), false);
  assert.equal(identify(sleeper.pid!), undefined);
});

test('who wiped its environment and fled is known by the limits it inherited', linuxOnly, async (context) => {
  const [family, hands] = [newFamilyToken(), newFamilyToken()];
  const { soft, hard } = limitMark(family, hands);
  const words = [`--rttime=${soft}:${hard}`, 'env', '-i', '/usr/bin/setsid', '--fork', '/bin/sleep', '300'];
  spawnSync('prlimit', words, { stdio: 'ignore' });
  context.after(() => sweepFamily(family));
  assert.equal(findMembers(family).length, 1);
  assert.deepEqual(findMembers(hands, [], handsVariable), findMembers(family));
  assert.deepEqual(findMembers(newFamilyToken()), []);
  assert.ok(livingFamilies().has(familyNumber(family)));
  assert.equal(await sweepFamily(hands, [], handsVariable), 1);
  assert.ok(!livingFamilies().has(familyNumber(family)));
});
