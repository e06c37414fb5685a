import type { Config } from '../../ipc/config.ts';
import { nearest } from '../../ipc/nearest.ts';
import type { Check, Plan, Task } from '../../ipc/plan.ts';
import { plannerAgent } from '../../ipc/run-kind.ts';
import { scopesMeet } from '../../security/paths/scope.ts';

/** The largest plan of one run: a larger plan is a mistake. */
export const tasksMax = 2_000;
/** How many pairs of conflicting tasks are named: a plan with more has one mistake many times. */
const overlapsMax = 20;

/**
 * The errors of a plan, in sentences that name the task; empty when it may be run. `checks` are the names that tasks
 * may ask for.
 */
export function planFaults(plan: Plan, config: Config, checks: string[]): string[] {
  const faults: string[] = [];
  const names = plan.tasks.map((task) => task.id);
  if (plan.tasks.length === 0) faults.push('the plan has no task');
  if (plan.tasks.length > tasksMax) return [`the plan has ${plan.tasks.length} tasks; the most is ${tasksMax}`];
  for (const task of plan.tasks) {
    if (names.indexOf(task.id) !== names.lastIndexOf(task.id)) faults.push(`two tasks are called '${task.id}'`);
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$/.test(task.id) || task.id === plannerAgent)
      faults.push(`task '${task.id}': an id has letters, digits, - and _, and 'planner' is taken`);
    // A person reads these before they accept the plan: they must not look like vtcode's own lines.
    if ([task.title.trim(), ...task.scope].some((words) => /[\p{Cc}\u2028\u2029]/u.test(words)))
      faults.push(`task '${task.id}': title and scope are one line each, without control characters`);
    if (task.scope.length === 0) faults.push(`task '${task.id}' has no write scope`);
    for (const glob of task.scope)
      if (/^[/~]|(^|\/)\.\.(\/|$)/.test(glob))
        faults.push(`task '${task.id}': the scope ${glob} is outside the repository`);
    if (!config.roles[task.role])
      faults.push(unknownWord(`task '${task.id}': unknown role`, task.role, Object.keys(config.roles)));
    for (const name of task.after)
      if (!names.includes(name)) faults.push(unknownWord(`task '${task.id}' waits for unknown task`, name, names));
    for (const name of task.checks)
      if (!checks.includes(name)) faults.push(unknownWord(`task '${task.id}': no check is called`, name, checks));
  }
  faults.push(...checkFaults(plan.checks));
  const cycle = findCycle(plan.tasks);
  if (cycle) faults.push(`tasks wait for each other in a circle: ${cycle.join(' → ')}`);
  if (faults.length === 0) faults.push(...overlaps(plan.tasks));
  return [...new Set(faults)];
}

/**
 * An empty command always passes, a second check with the same name would be compared with the first, and a check
 * without time cannot run.
 */
function checkFaults(checks: Check[]): string[] {
  const names = checks.map((check) => check.name);
  return checks.flatMap(({ name, command, directory, timeoutMs }, at) => [
    ...(names.indexOf(name) !== at ? [`two checks are called '${name}'`] : []),
    ...(command.trim() === '' ? [`check '${name}' has no command`] : []),
    ...(/^\/|(^|\/)\.\.(\/|$)/.test(directory) ? [`check '${name}': ${directory} is outside the work tree`] : []),
    ...(timeoutMs > 0 ? [] : [`check '${name}': timeoutMs is ${timeoutMs}, and must be more than 0`]),
  ]);
}

function unknownWord(what: string, word: string, known: string[]): string {
  const meant = nearest(word, known);
  return `${what} '${word}' (${meant === null ? `known: ${known.join(', ') || 'none'}` : `did you mean '${meant}'?`})`;
}

/** The tasks of one cycle, the first repeated at the end; null when there is none. */
function findCycle(tasks: Task[]): string[] | null {
  const after = new Map(tasks.map((task) => [task.id, task.after]));
  const done = new Set<string>();
  const visit = (id: string, path: string[]): string[] | null => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (done.has(id)) return null;
    for (const next of after.get(id) ?? []) {
      const found = visit(next, [...path, id]);
      if (found) return found;
    }
    done.add(id);
    return null;
  };
  for (const task of tasks) {
    const found = visit(task.id, []);
    if (found) return found;
  }
  return null;
}

function overlaps(tasks: Task[]): string[] {
  const before = ancestors(tasks);
  const faults: string[] = [];
  for (const [at, left] of tasks.entries()) {
    for (const right of tasks.slice(at + 1)) {
      if (faults.length === overlapsMax) return faults;
      if (before.get(left.id)?.has(right.id) || before.get(right.id)?.has(left.id)) continue;
      if (scopesMeet(left.scope, right.scope))
        faults.push(
          `tasks '${left.id}' and '${right.id}' may run at the same time and their scopes overlap; order them with 'after' or part their scopes`,
        );
    }
  }
  return faults;
}

/** For each task, the tasks that certainly end before it begins. */
function ancestors(tasks: Task[]): Map<string, Set<string>> {
  const after = new Map(tasks.map((task) => [task.id, task.after]));
  const known = new Map<string, Set<string>>();
  const of = (id: string): Set<string> => {
    const found = known.get(id);
    if (found) return found;
    const result = new Set<string>();
    known.set(id, result);
    for (const name of after.get(id) ?? []) {
      result.add(name);
      for (const further of of(name)) result.add(further);
    }
    return result;
  };
  for (const task of tasks) of(task.id);
  return known;
}
