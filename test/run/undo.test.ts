// Goal: undo takes a task and what depends on it out of the run's branch, checks what is left, and touches nothing else.
// Method: a run of four tasks; tasks are undone one after another on the real launcher.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endOf, eventsOf } from '../support/called.ts';
import { planText, sampleFiles, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
/** Green on the base and on every merged tree, red once `late` stands without `needed`. */
const check = '! grep -q newLate src/late.ts || grep -q newNeeded src/needed.ts\n';
const one = (name: string) => `export function ${name}(): number {\n  return 1;\n}\n`;
const repository = sampleRepository({
  'agents.toml': `[limits]\nagents = 1\n\n${sampleFiles['agents.toml']}`,
  'check.sh': check,
  'src/late.ts': one('late'),
  'src/needed.ts': one('needed'),
});
const untouched = fingerprint(repository);
let run = '';
let branch = '';
/** The commit that an undo which did not come to its end was to make. */
let interrupted = '';
before(async () => {
  const file = join(vtcode.state, '..', 'plan.toml');
  const tasks = [
    'first|fetchUser|loadUser|src/{user,page}.ts',
    'second|loadUser|readUser|src/{user,page}.ts|first',
    'needed|needed|newNeeded|src/needed.ts',
    'late|late|newLate|src/late.ts',
  ];
  writeFileSync(file, planText(tasks));
  const called = await vtcode.call(['run', '--plan-file', file, '--yes', '--json', '-C', repository.root]);
  assert.equal(called.code, 0, called.stderr + called.stdout.slice(-900));
  const end = endOf(called);
  run = end.run ?? '';
  branch = end.manifest?.branch ?? '';
});
after(() => {
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

function changedFiles(): string[] {
  return repository.git('diff', '--name-only', 'main', branch).split('\n').filter(Boolean);
}

async function assertRefused(task: string, says: RegExp): Promise<void> {
  const tip = repository.git('rev-parse', branch);
  const called = await vtcode.call(['undo', run, task, '--json']);
  assert.deepEqual({ code: called.code, fault: endOf(called).error?.code }, { code: 2, fault: 'usage' }, called.stderr);
  assert.match(called.stderr, says);
  assert.equal(repository.git('rev-parse', branch), tip);
}

test('an unknown task is answered with the one that was probably meant', async () => {
  await assertRefused('secnd', /has no task 'secnd'[\s\S]*Did you mean 'second'\?/);
});

test('a task is undone with the task that depends on it, in one commit that says so, and the checks are run', async () => {
  assert.deepEqual(changedFiles(), ['src/late.ts', 'src/needed.ts', 'src/page.ts', 'src/user.ts']);
  const before = repository.git('rev-parse', branch);
  const called = await vtcode.call(['undo', run, 'first', '--json']);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual(
    manifest?.tasks.map(({ id, state }) => `${id} ${state}`),
    ['first undone', 'second undone', 'needed merged', 'late merged'],
  );
  assert.deepEqual(changedFiles(), ['src/late.ts', 'src/needed.ts']);
  assert.equal(repository.git('rev-parse', `${branch}^`), before);
  assert.match(
    repository.git('log', '-1', '--format=%B', branch),
    /^Undo first, second\n[\s\S]*Vtcode-Undo: first second/,
  );
  const started = called.stdout.split('\n').find((line) => line.includes('"undo.started"')) ?? '{}';
  const { results } = JSON.parse(started) as { results: { name: string; outcome: string }[] };
  assert.deepEqual(
    results.map(({ name, outcome }) => `${name} ${outcome}`),
    ['unit passed'],
  );
});

test('a task that is undone already is not undone again', async () => {
  await assertRefused('first', /'first' of run .* is undone; only a merged task can be undone/);
});

test('a branch that is checked out is not moved under the files, and the undo goes on when it no longer is', async () => {
  const tip = repository.git('rev-parse', branch);
  const folder = join(vtcode.state, '..', 'look');
  repository.git('worktree', 'add', '--quiet', folder, branch);
  const called = await vtcode.call(['undo', run, 'needed', '--json']);
  assert.deepEqual({ code: called.code, fault: endOf(called).error?.code }, { code: 1, fault: 'ref_moved' });
  assert.match(called.stderr, /is checked out in .*Switch to another branch/s);
  assert.deepEqual([repository.git('-C', folder, 'status', '--short'), repository.git('rev-parse', branch)], ['', tip]);
  repository.git('worktree', 'remove', folder);
});

test('an undo that makes a check fail is done and told, with exit 1', async () => {
  const called = await vtcode.call(['undo', run, 'needed']);
  assert.equal(called.code, 1, called.stderr);
  assert.match(called.stdout, /These checks fail on it: unit/);
  assert.deepEqual(changedFiles(), ['src/late.ts']);
});

test('a branch that somebody else moved stops the undo, which says where it is', async () => {
  const tip = repository.git('rev-parse', branch);
  repository.git('update-ref', `refs/heads/${branch}`, 'main');
  const called = await vtcode.call(['undo', run, 'late', '--json']);
  assert.deepEqual({ code: called.code, fault: endOf(called).error?.code }, { code: 1, fault: 'ref_moved' });
  assert.match(called.stderr, new RegExp(`is at ${repository.git('rev-parse', 'main')}, not at ${tip}`));
  assert.equal(repository.git('rev-parse', branch), repository.git('rev-parse', 'main'));
  interrupted = String(eventsOf(called).find(({ type }) => type === 'undo.started')?.new);
});

test('an undo that was killed after it moved the branch is finished by the next call, not begun again', async () => {
  repository.git('update-ref', `refs/heads/${branch}`, interrupted);
  const other = await vtcode.call(['undo', run, 'late', '--json']);
  assert.equal(other.code, 0, other.stderr);
  assert.equal(repository.git('rev-parse', branch), interrupted);
  assert.deepEqual(changedFiles(), []);
});

test('after all of that the checkout, index, HEAD and refs of the user are as they were', () => {
  assert.deepEqual(fingerprint(repository), untouched);
});
