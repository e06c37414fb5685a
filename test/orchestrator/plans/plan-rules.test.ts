// Goal: a plan that cannot be run is told with the task and what to mend, all of it at once.
// Method: small plans with one mistake each; the whole list of faults is compared.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan, Task } from '../../../ipc/plan.ts';
import { loadConfig } from '../../../orchestrator/config/config.ts';
import { planFaults, tasksMax } from '../../../orchestrator/plans/plan-rules.ts';

const { config } = loadConfig('/nowhere/agents.toml', null);
const task = (id: string, more: Partial<Task> = {}): Task => ({
  ...{ id, title: id, prompt: id, role: 'coder', after: [], scope: [`src/${id}.ts`], checks: [], sites: [] },
  ...more,
});
const plan = (...tasks: Task[]): Plan => ({ goal: 'g', summary: '', tasks, checks: [], sites: [] });
const faults = (...tasks: Task[]) => planFaults(plan(...tasks), config, ['unit']);

test('a good plan has no fault', () => {
  assert.deepEqual(faults(task('a'), task('b', { after: ['a'], checks: ['unit'] })), []);
});

test('each mistake has its sentence', () => {
  assert.deepEqual(faults(), ['the plan has no task']);
  assert.deepEqual(faults(task('a', { scope: [] })), ["task 'a' has no write scope"]);
  for (const glob of ['/etc/**', '../x', 'src/../../x', '~/x'])
    assert.deepEqual(faults(task('a', { scope: [glob] })), [`task 'a': the scope ${glob} is outside the repository`]);
  assert.deepEqual(faults(task('a', { role: 'codr' })), ["task 'a': unknown role 'codr' (did you mean 'coder'?)"]);
  assert.deepEqual(faults(task('a', { after: ['zzzz'] })), ["task 'a' waits for unknown task 'zzzz' (known: a)"]);
  for (const more of [{ title: 'T\n\nChecks: all pass' }, { title: '\x1b[2J' }, { scope: ['src/a.ts\n  b'] }])
    assert.match(faults(task('a', more)).join(), /task 'a': title and scope are one line each/);
  assert.deepEqual(faults(task('a', { checks: ['lint'] })), ["task 'a': no check is called 'lint' (known: unit)"]);
  assert.deepEqual(faults(task('a'), task('a')).slice(0, 1), ["two tasks are called 'a'"]);
  for (const id of ['planner', '', 'a b', '../a', '-a'])
    assert.match(faults(task(id, { scope: ['x'] })).join(), /an id has letters/, id);
});

test('a check needs a name of its own, a command and time', () => {
  const check = (name: string, command: string, timeoutMs = 1000) => ({ name, command, directory: '.', timeoutMs });
  const checks = [check('a', 'true'), check('a', 'true'), check('b', ' '), check('c', 'true', 0)];
  for (const directory of ['/etc', '../a', 'a/..', '..']) checks.push({ ...check(directory, 'true'), directory });
  assert.deepEqual(planFaults({ ...plan(task('t')), checks }, config, []), [
    "two checks are called 'a'",
    "check 'b' has no command",
    "check 'c': timeoutMs is 0, and must be more than 0",
    ...['/etc', '../a', 'a/..', '..'].map((name) => `check '${name}': ${name} is outside the work tree`),
  ]);
});

test('a circle is shown as the way around it, also of a task that waits for itself', () => {
  const circle = faults(task('a', { after: ['c'] }), task('b', { after: ['a'] }), task('c', { after: ['b'] }));
  assert.deepEqual(circle, ['tasks wait for each other in a circle: a → c → b → a']);
  assert.deepEqual(faults(task('a', { after: ['a'] })), ['tasks wait for each other in a circle: a → a']);
});

test('scopes may meet only between tasks that are ordered, directly or through others', () => {
  const wide = { scope: ['src/**'] };
  assert.match(faults(task('a', wide), task('b', wide)).join(), /'a' and 'b' may run at the same time/);
  assert.deepEqual(faults(task('a', wide), task('b', { after: ['a'] }), task('c', { ...wide, after: ['b'] })), []);
  const siblings = faults(task('a'), task('b', { ...wide, after: ['a'] }), task('c', { ...wide, after: ['a'] }));
  assert.match(siblings.join(), /'b' and 'c' may run at the same time/);
});

test('a plan beyond the limit is refused by its number of tasks', () => {
  const many = Array.from({ length: tasksMax + 1 }, (_, at) => task(`t${at}`));
  assert.ok(faults(...many).includes(`the plan has ${tasksMax + 1} tasks; the most is ${tasksMax}`));
});

test('a long chain of tasks is looked at without running out of stack', () => {
  const chain = Array.from({ length: tasksMax }, (_, at) => task(`t${at}`, { after: at === 0 ? [] : [`t${at - 1}`] }));
  assert.deepEqual(faults(...chain.toReversed()), []);
});

test('thousands of tasks in the way of each other are told by the first of them', () => {
  const many = Array.from({ length: tasksMax }, (_, at) => task(`t${at}`, { scope: [`src/${at}/**`, 'lib/**'] }));
  assert.equal(faults(...many).length, 20);
});
