// Goal: whatever a dead host left, when its reaper died with it, is ended by the next host of any run, zombies too, also
// what hid from every mark but the one that it cannot take off.
// Method: a host and its reaper are killed at one moment; beside it lives what the kernel would have let live.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readProcessStat } from '../../supervisor/identity.ts';
import { limitMark } from '../../supervisor/limit-mark.ts';
import { findMembers, listProcesses, sweepFamily } from '../../supervisor/process-tree.ts';
import { commandOf, eventually } from '../support/processes.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { testVtcode } from '../support/vtcode.ts';
import { watch } from '../support/watched.ts';

const vtcode = testVtcode();
const repository = sampleRepository();
after(() => {
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

const words = ['run', '--plan', sampleGoal, '--yes', '-C', repository.root];

test('the next host ends what a dead one left, and no zombie of it stays', {
  skip: process.platform !== 'linux',
}, async () => {
  const run = watch(vtcode, words);
  const started = await run.until((event) => event.type === 'host.started');
  const family = String(started.family);
  const reaper = listProcesses().find(({ pid }) => commandOf(pid).endsWith(`reap.js ${family}`));
  after(() => sweepFamily(family));
  assert.ok(reaper, 'it has a reaper');
  for (const pid of [reaper.pid, run.child.pid ?? 0]) process.kill(pid, 'SIGKILL');
  await run.ended;
  // One has nothing but the limits that hands give to all they start, and a child that has ended and that it never
  // looks after; the other has only the mark in its environment.
  const { soft, hard } = limitMark(family, '0123456789abcdef');
  const careless = 'sleep 0 & exec sleep 300';
  const hidden = ['prlimit', `--rttime=${soft}:${hard}`, 'env', '-i', '/usr/bin/setsid', '/bin/sh', '-c', careless];
  const open = ['setsid', 'sh', '-c', 'trap "" TERM HUP INT; sleep 300; sleep 300'];
  for (const [file = '', ...rest] of [hidden, open])
    spawn(file, rest, { stdio: 'ignore', env: { PATH: process.env.PATH, VTCODE_FAMILY: family } }).unref();
  const zombies = () => listProcesses().filter(({ pid, state, parent }) => state === 'Z' && isLeft(parent) && pid > 0);
  const isLeft = (pid: number) => left().includes(pid);
  const left = () => findMembers(family);
  assert.ok(await eventually(() => zombies().length > 0 && left().length >= 3, 10_000), 'they are there');
  const all = [...left(), ...zombies().map(({ pid }) => pid)];
  const other = await watch(vtcode, words).ended;
  assert.equal(other.code, 0, JSON.stringify(other.end?.error));
  assert.ok(await eventually(() => left().length === 0, 5_000), left().map(commandOf).join('; '));
  const stays = () => all.filter((pid) => readProcessStat(pid) !== undefined && !isOurs(pid));
  assert.ok(await eventually(() => stays().length === 0, 5_000), `still in the table: ${stays().join(' ')}`);
});

/** A child of this test is waited for by the test. */
function isOurs(pid: number): boolean {
  return readProcessStat(pid)?.parent === process.pid;
}
