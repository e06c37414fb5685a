/**
 * Goal: when a host is killed while a command runs, nothing of the command is left within five seconds, not even what
 * left its session, and not when all of it wiped its environment. Method: a real host with real hands and a reaper; SIGKILL; look.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newFamilyToken } from '../../../ipc/ids.ts';
import { familyVariable, findMembers, hasMark, listProcesses, sweepFamily } from '../../../supervisor/process-tree.ts';
import { place } from './hands-here.ts';

const host = fileURLToPath(new URL('./doomed-host.ts', import.meta.url));

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Starts a program where hands cannot have process numbers of their own: what they are started with does not work. */
const withoutProcessNumbers = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount --bind /dev/null /usr/bin/setpriv; exec "$0" "$@"',
];

function sleepers(mark: string): number {
  return listProcesses().filter(({ pid, state }) => state !== 'Z' && commandOf(pid) === `sleep\0${mark}\0`).length;
}

for (const without of [false, true])
  test(`a killed host takes its hands and their commands with it${without ? ', without process numbers of their own' : ''}`, {
    skip: process.platform !== 'linux' || (without && process.getuid?.() !== 0),
  }, async (context) => {
    const { policy } = place(context);
    const token = newFamilyToken();
    const mark = `${without ? 81 : 82}${process.pid}`;
    context.after(() => sweepFamily(token));
    const words = [process.execPath, host, token, mark, JSON.stringify(policy)];
    const [file = '', ...rest] = without ? [...withoutProcessNumbers, ...words] : words;
    const started = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(started.stdout, 'data');
    while (sleepers(mark) < 2) await sleep(20);
    // Nobody looks for them meanwhile: the kernel ends all that the hands ever started, or else only the hands.
    const reaper = listProcesses().find(({ pid }) => commandOf(pid).includes(`reap.ts\0${token}\0`));
    assert.ok(reaper);
    process.kill(reaper.pid, 'SIGSTOP');
    started.kill('SIGKILL');
    while (findMembers(token).some((pid) => !without || hasMark(pid, familyVariable, token))) await sleep(20);
    assert.equal(sleepers(mark), without ? 2 : 0);
    process.kill(reaper.pid, 'SIGCONT');
    const killed = Date.now();
    const left = () => findMembers(token).length + sleepers(mark);
    while (left() > 0 && Date.now() - killed < 5_000) await sleep(50);
    assert.deepEqual({ members: findMembers(token).length, sleepers: sleepers(mark) }, { members: 0, sleepers: 0 });
  });
