import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { limitMemory, memoryGroupFolder } from '../../supervisor/memory-group.ts';
import { temporaryFolder } from '../support/repository.ts';

/**
 * Goal: a control group is used where one is delegated, and nothing fails where there is none. Method: folder trees as
 * kernels and service managers make them; what is written is compared file by file. The kernel's part is not tested here.
 */
function tree(files: Record<string, string>): string {
  const root = temporaryFolder('groups');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const slice = 'sys/fs/cgroup/user.slice/user@1.service/app.slice';
const delegated = {
  'proc/self/cgroup': '0::/user.slice/user@1.service/app.slice/vtcode.service\n',
  [`${slice}/cgroup.subtree_control`]: 'memory pids\n',
  [`${slice}/cgroup.procs`]: '',
  [`${slice}/vtcode.service/cgroup.subtree_control`]: '\n',
  [`${slice}/vtcode.service/cgroup.procs`]: '1\n',
};

test('the nearest group around ours whose children may have limits is used', () => {
  const root = tree(delegated);
  assert.equal(memoryGroupFolder(root), join(root, slice));
});

test('without version 2, without the memory controller, or where nothing may be moved there is none', () => {
  const { 'proc/self/cgroup': own, ...folders } = delegated;
  const withOut = (name: string) => Object.fromEntries(Object.entries(delegated).filter(([file]) => file !== name));
  assert.equal(memoryGroupFolder(tree({})), null);
  assert.equal(memoryGroupFolder(tree({ ...folders, 'proc/self/cgroup': '4:memory:/box\n' })), null);
  assert.equal(memoryGroupFolder(tree({ ...delegated, [`${slice}/cgroup.subtree_control`]: 'cpu pids\n' })), null);
  assert.equal(memoryGroupFolder(tree(withOut(`${slice}/cgroup.procs`))), null, own);
});

test('a process is put into a group of its own with its limit; what it was ended by is read from there', () => {
  const folder = join(tree(delegated), slice);
  mkdirSync(join(folder, 'vtcode-1')); // of a host that is gone
  const group = limitMemory(4711, 64, folder);
  const own = join(folder, 'vtcode-4711');
  const written = Object.fromEntries(readdirSync(own).map((name) => [name, readFileSync(join(own, name), 'utf8')]));
  assert.deepEqual(written, { 'cgroup.procs': '4711', 'memory.max': `${64 * 2 ** 20}`, 'memory.oom.group': '1' });
  assert.equal(existsSync(join(folder, 'vtcode-1')), false);
  assert.equal(group?.wasExceeded(), false);
  writeFileSync(join(own, 'memory.events'), 'oom 1\noom_kill 1\n');
  assert.equal(group?.wasExceeded(), true);
  group?.remove(); // it has members still
  assert.equal(existsSync(own), true);
});

test('a group that cannot be made is no failure', () => {
  const root = tree({ file: '' });
  assert.equal(limitMemory(1, 64, null), null);
  mkdirSync(join(root, 'vtcode-9', 'member'), { recursive: true });
  assert.equal(limitMemory(9, 64, root), null);
});
