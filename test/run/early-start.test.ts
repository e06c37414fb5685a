// Goal: what a run starts before it has looked at anything ends with a call that comes to nothing, and is of use to one that works.
// Method: the real launcher; every process of the machine whose environment names the test's own state folder is looked for.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { listProcesses } from '../../supervisor/process-tree.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { testVtcode } from '../support/vtcode.ts';

const linux = { skip: process.platform !== 'linux' && 'processes are started early on Linux only' };
const vtcode = testVtcode();
const empty = temporaryFolder('empty');
const repository = sampleRepository();
after(() => {
  repository.remove();
  rmSync(empty, { recursive: true });
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

/** The planners' hands of the test's runs, and what they started, by the private home that they were started with. */
function hands(): number[] {
  return listProcesses()
    .map(({ pid }) => pid)
    .filter((pid) => {
      try {
        return new RegExp(`\\0HOME=${vtcode.state}/runs/[^\\0]*-t1/home\\0`).test(
          readFileSync(`/proc/${pid}/environ`, 'latin1'),
        );
      } catch {
        return false; // it ended, or is not ours to look at
      }
    });
}

const inVain = [
  ['outside of a repository', ['run', '--plan', sampleGoal, '-C', empty]],
  ['for a folder that is not there', ['run', '--plan', sampleGoal, '-C', join(empty, 'gone')]],
  ['with an unknown option', ['run', '--plan', sampleGoal, '--unknown']],
  ['without a goal', ['run', '--plan']],
] as const;
for (const [how, words] of inVain)
  test(`a run ${how} says so and leaves no hands`, linux, async () => {
    const called = await vtcode.call([...words], { cwd: empty });
    assert.equal(called.code, 2, called.stderr);
    assert.ok(await eventually(() => hands().length === 0, 15_000), 'hands are left');
  });

test('hands that were started early end when their host is killed before it has said anything', linux, async () => {
  const host = vtcode.start(['run', '--plan', sampleGoal, '--dry-run', '-C', repository.root]);
  assert.ok(await eventually(() => hands().length > 0, 15_000), 'hands are started');
  host.kill('SIGKILL');
  assert.ok(await eventually(() => hands().length === 0, 15_000), 'hands are left');
});

test('a run has one pair of hands to plan with, the one that was started early', linux, async () => {
  const host = vtcode.start(['run', '--plan', sampleGoal, '--dry-run', '-C', repository.root]);
  const ended = new Promise((resolve) => host.once('close', resolve));
  const leaders = new Set<number>();
  const isLeader = new Map<number, boolean>();
  const look = setInterval(() => {
    for (const pid of hands()) {
      if (!isLeader.has(pid))
        isLeader.set(
          pid,
          listProcesses().some((one) => one.pid === pid && one.parent === host.pid),
        );
      if (isLeader.get(pid)) leaders.add(pid);
    }
  }, 5);
  assert.equal(await ended, 0);
  clearInterval(look);
  assert.equal(leaders.size, 1);
});
