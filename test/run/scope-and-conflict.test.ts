// Goal: a task stays in its scope, checks cannot be redefined, and tasks that collide are redone, not lost.
// Method: plan files whose tasks reach too far or collide in ways that their scopes do not show; the real launcher.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
import { planText, sampleFiles, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { jsonLines } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const use = `import { fetchUser } from './src/user.ts';\n\nexport default { user: fetchUser() };\n`;
const repository = sampleRepository({
  'vitest.config.ts': use,
  'src/old/a.ts': 'export const a = 1;\n',
  'src/c.ts': 'export const c = 3;\n',
});
const untouched = fingerprint(repository);
after(() => {
  assert.deepEqual(fingerprint(repository), untouched);
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

async function work(plan: string, root = repository.root) {
  const file = join(vtcode.state, '..', 'plan.toml');
  writeFileSync(file, plan);
  const called = await vtcode.call(['run', '--plan-file', file, '--yes', '--json', '-C', root]);
  const { manifest } = endOf(called);
  assert.ok(manifest, called.stderr);
  return { called, manifest, events: jsonLines(called.stdout) };
}

test('a change outside the scope is refused, and the task is parked with the reason', async () => {
  const { called, manifest } = await work(planText(['one|fetchUser|loadUser|src/user.ts']));
  assert.equal(called.code, 1, called.stderr);
  const [task] = manifest.tasks;
  assert.deepEqual({ state: task?.state, tip: manifest.tip }, { state: 'parked', tip: null });
  assert.match(task?.reason ?? '', /outside the task's scope/);
});

test('a file that defines checks is changed only by a task whose scope names it', async () => {
  const swept = await work(planText(['one|fetchUser|loadUser|**']));
  assert.equal(swept.called.code, 1, swept.called.stderr);
  assert.match(
    swept.manifest.tasks[0]?.reason ?? '',
    /vitest\.config\.ts defines checks, and the scope does not name it/,
  );
  const named = planText(['one|fetchUser|loadUser|**']).replace('["**"]', '["**", "vitest.config.ts"]');
  const allowed = await work(named);
  assert.equal(allowed.called.code, 0, allowed.called.stderr);
  assert.ok(allowed.manifest.tasks[0]?.files.includes('vitest.config.ts'));
});

test('a plan of the goal itself names such a file outright, so that the rename is complete', async () => {
  const args = ['run', '--plan', 'rename fetchUser to loadUser', '--yes', '--json', '-C', repository.root];
  const { manifest } = endOf(await vtcode.call(args));
  assert.deepEqual(manifest?.tasks[0]?.files, ['src/page.ts', 'src/user.ts', 'vitest.config.ts']);
});

test('two tasks that collide although their scopes are apart: the later one is redone on the newest tree', async () => {
  // Moving the only file of a folder away, while another is moved in, is a conflict of directory renames for git.
  const move = (id: string, from: string, to: string) =>
    `[[tasks]]\nid = "${id}"\ntitle = "Move ${from}"\nprompt = "Move ${from} to ${to}."\nscope = ["${from}", "${to}"]\n`;
  const plan = `goal = "two moves"\n\n${move('away', 'src/old/a.ts', 'src/new/a.ts')}\n${move('into', 'src/c.ts', 'src/old/c.ts')}`;
  const { called, manifest, events } = await work(plan);
  assert.equal(called.code, 0, called.stderr + JSON.stringify(manifest.tasks));
  const conflicts = events.filter((event) => event.type === 'task.checked' && event.verdict === 'conflict');
  assert.equal(conflicts.length, 1);
  const redone = manifest.tasks.find(({ id }) => id === conflicts[0]?.task);
  assert.deepEqual({ state: redone?.state, attempts: redone?.attempts }, { state: 'merged', attempts: 2 });
  const files = repository.git('ls-tree', '-r', '--name-only', manifest.branch, 'src').split('\n');
  assert.deepEqual(files, ['src/new/a.ts', 'src/old/c.ts', 'src/page.ts', 'src/user.ts']);
});

test('what set-up makes is there for every check, and is never part of the work', async () => {
  const setup = '[setup]\ncommands = ["mkdir -p made && cp README.md made/copy.md"]\n';
  const check = 'test -f made/copy.md\n';
  const built = sampleRepository({ 'agents.toml': `${sampleFiles['agents.toml']}\n${setup}`, 'check.sh': check });
  const lines = ['one|fetchUser|loadUser|src/{user,page}.ts', 'two|loadUser|readUser|src/{user,page}.ts|one'];
  await vtcode.call(['trust', '--yes', '-C', built.root]);
  const { called, manifest } = await work(planText(lines), built.root);
  assert.equal(called.code, 0, called.stderr + JSON.stringify(manifest.tasks.map(({ reason }) => reason)));
  assert.equal(manifest.verified, true);
  const files = built.git('diff', '--name-only', 'main', manifest.branch).split('\n');
  assert.deepEqual(files, ['src/page.ts', 'src/user.ts']);
  built.remove();
});

test('a module that is moved to where .gitignore reaches is part of the work', async () => {
  const ignoring = sampleRepository({ '.gitignore': 'private/\n' });
  const goal = 'move src/user.ts to private/user.ts';
  const args = ['run', '--plan', goal, '--yes', '--no-checks', '--json', '-C', ignoring.root];
  const { manifest } = endOf(await vtcode.call(args));
  assert.deepEqual(manifest?.tasks[0]?.files, ['private/user.ts', 'src/page.ts', 'src/user.ts']);
  ignoring.remove();
});
