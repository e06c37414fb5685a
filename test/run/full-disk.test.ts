import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mayMakeNamespaces } from '../../sandbox/namespaces.ts';
import { systemCall } from '../../sandbox/native.ts';
import { systemCallNumber } from '../../sandbox/syscalls.ts';
import { kill } from '../chaos/victims.ts';
import { endOf } from '../support/called.ts';
import { endState, eventsIn, pidOf } from '../support/detached.ts';
import { startModelServer } from '../support/model-server.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { useModel } from '../support/scripted-run.ts';
import type { TestVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: a disk that fills up under a run stops it as a limit does; what was written stays, and it goes on once there is room.
 * Method: the state folder lies on a small file system of its own, which is filled while the model is asked. It is mounted
 * where only this process and what it starts see it: the kernel takes it away with the last of them, however they end.
 */
const folder = temporaryFolder('fills');

/** CLONE_NEWNS of unshare(2). */
const newMounts = 0x20000;

/** Takes this thread, and all it starts, to mounts of their own. */
function enterOwnMounts(): boolean {
  if (process.platform !== 'linux' || !mayMakeNamespaces()) return false;
  const isEntered = systemCall(systemCallNumber('unshare'), newMounts) === 0;
  return isEntered && spawnSync('mount', ['--make-rprivate', '/']).status === 0;
}
const mayMount = enterOwnMounts();

/** A state folder on a disk of 4 MiB; null where nothing may be mounted. */
function smallDisk(): { vtcode: TestVtcode; fill(): void; free(): void; end(): Promise<void> } | null {
  if (!mayMount) return null;
  const vtcode = vtcodeHere();
  const home = join(vtcode.state, '..', 'small');
  if (spawnSync('mkdir', [home]).status !== 0) return null;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', home]).status !== 0) return null;
  const small = { ...vtcode, state: join(home, 'vtcode') };
  Object.assign(vtcode.environment, { XDG_STATE_HOME: home });
  const ballast = join(home, 'ballast');
  return {
    vtcode: small,
    fill() {
      const file = openSync(ballast, 'w');
      try {
        for (const size of [65_536, 4_096, 1]) for (let full = false; !full; ) full = !wrote(file, size);
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast),
    async end() {
      for (const words of [['supervise'], ['host']]) kill(pidOf(small, ...words), 'host', {}, '');
      spawnSync('umount', ['-l', home]);
      await endState(vtcode);
    },
  };
}

function wrote(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes)) === bytes;
  } catch {
    return false;
  }
}

/** A model that fills the disk before its first answer, which is longer than what is left in any file's last page. */
async function fillingModel(disk: { fill(): void }) {
  let isFull = false;
  const server = await startModelServer(() => {
    if (!isFull) disk.fill();
    isFull = true;
    return { answer: { text: `Looked. ${'x'.repeat(100_000)}` } };
  });
  return server;
}

for (const detached of [false, true])
  test(`${detached ? 'a detached' : 'an attached'} run whose disk fills up ends with 4, says so, and goes on when there is room`, async (t) => {
    const disk = smallDisk();
    if (!disk) return t.skip('mounting is not allowed here');
    const server = await fillingModel(disk);
    const { vtcode } = disk;
    t.after(async () => {
      await server.stop();
      await disk.end();
    });
    useModel(vtcode, server);
    let run = '';
    if (detached) {
      run = (await vtcode.call(['agent', 'start', 'explorer', 'look', '--read-only', '-C', folder])).stdout.trim();
      const waited = await vtcode.call(['wait', run]);
      assert.equal(waited.code, 4, waited.stdout + waited.stderr);
      assert.match(waited.stdout, /cannot be written|no more room/);
      assert.equal(
        eventsIn(vtcode, run).filter(({ type }) => type === 'host.started').length,
        1,
        'nobody tries in vain',
      );
    } else {
      const called = await vtcode.call(['run', 'look', '--read-only', '--json', '-C', folder]);
      const end = endOf(called);
      run = end.run ?? '';
      assert.deepEqual(
        { code: called.code, fault: end.error?.code },
        { code: 4, fault: 'state_unwritable' },
        called.stderr,
      );
      assert.match(called.stderr, /free disk space[\s\S]*vtcode resume/);
    }
    const before = eventsIn(vtcode, run);
    disk.free();
    const resumed = await vtcode.call(['resume', run]);
    assert.equal(resumed.code, 0, resumed.stderr);
    if (detached) assert.equal((await vtcode.call(['wait', run])).code, 0);
    assert.deepEqual(eventsIn(vtcode, run).slice(0, before.length), before);
    assert.equal(existsSync(join(vtcode.state, 'runs', run, 'reserve')), false);
    assert.ok(await eventually(() => pidOf(vtcode, 'host', run) === 0, 15_000));
  });

test('on a full disk what was written can be read', async (t) => {
  const disk = smallDisk();
  if (!disk) return t.skip('mounting is not allowed here');
  const server = await startModelServer(() => ({ answer: { text: 'Looked.' } }));
  const { vtcode } = disk;
  t.after(async () => {
    await server.stop();
    await disk.end();
  });
  useModel(vtcode, server);
  const run = endOf(await vtcode.call(['run', 'look', '--read-only', '--json', '-C', folder])).run ?? '';
  const commands = [
    ['show', run],
    ['logs', run],
    ['wait', run],
    ['result', run],
    ['ps', '-a', '--json'],
    ['audit', 'verify', run],
    ['dashboard', '--once', '--json'],
    ['logs', '-f', run],
  ];
  const said = async () => {
    const all: unknown[] = [];
    for (const words of commands) {
      const { code, stdout } = await vtcode.call(words);
      all.push({ words, code, stdout: stdout.replaceAll(/"now":\d+|"activity":\[[^\]]*\]/g, '') });
    }
    return all;
  };
  disk.fill();
  // The index that readers share is taken away by the last who wrote: here none of them can make it.
  const index = join(vtcode.state, 'runs', run, 'log.db-shm');
  assert.equal(existsSync(index), false);
  const full = await said();
  assert.ok((statSync(index, { throwIfNoEntry: false })?.size ?? 0) < 32_768);
  disk.free();
  assert.deepEqual(full, await said());
});
