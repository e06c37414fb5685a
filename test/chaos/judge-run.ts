import type { TestRepository } from '../support/repository.ts';
import { type Called, jsonLines } from '../support/vtcode.ts';

/** Facts that happen once: a second one means that something was done twice. */
const once = [
  ['merge.finished', 'task'],
  ['tool.started', 'call'],
  ['tool.finished', 'call'],
  ['plan.accepted', 'type'],
  ['run.finished', 'type'],
  ['repository.ready', 'type'],
  ['base.checked', 'type'],
  ['tool.requested', 'call'],
  ['model.finished', 'call'],
] as const;

/** What must hold of a run that was killed and resumed; a sentence for each thing that does not. */
export function judgeRun(
  resumed: Called,
  wanted: { repository: TestRepository; run: string; tree: string; tasks: number },
): string[] {
  const { repository, run } = wanted;
  if (resumed.code !== 0) {
    const parked = jsonLines(resumed.stdout).filter(({ type }) => type === 'task.parked');
    const reasons = parked.map(({ task, reason }) => `${task}: ${reason}`).join('; ');
    return [`resume of ${run} ended with ${resumed.code}: ${reasons}${resumed.stderr}`];
  }
  const faults: string[] = [];
  const events = jsonLines(resumed.stdout);
  const tree = repository.git('rev-parse', `vtcode/${run}^{tree}`);
  if (tree !== wanted.tree) faults.push(`${run}: the final tree is ${tree}, not ${wanted.tree}`);
  const commits = repository.git('rev-list', '--count', `main..vtcode/${run}`);
  if (Number(commits) !== wanted.tasks) faults.push(`${run}: ${commits} commits for ${wanted.tasks} tasks`);
  for (const [type, key] of once) {
    const seen = new Set<string>();
    for (const event of events.filter((one) => one.type === type)) {
      const name = `${event.agent ?? ''} ${event[key]}`;
      if (seen.has(name)) faults.push(`${run}: ${type} twice for ${name}`);
      seen.add(name);
    }
  }
  return [...faults, ...repeatedCalls(events).map((fault) => `${run}: ${fault}`)];
}

/**
 * A model call is repeated for each death of its agent at most, and an agent dies with its host or by itself. What a call
 * that was granted came to is in the log before the agent's next one.
 */
function repeatedCalls(events: Record<string, unknown>[]): string[] {
  const deaths = events.filter(({ type }) => type === 'host.started').length - 1;
  const agents = new Set(events.flatMap(({ agent }) => (typeof agent === 'string' ? [agent] : [])));
  return [...agents].flatMap((agent) => {
    const count = (...types: string[]) =>
      events.filter((event) => event.agent === agent && types.includes(String(event.type))).length;
    const [granted, finished] = [count('model.granted'), count('model.finished', 'context.compacted')];
    const [lost, mayBe] = [count('model.abandoned', 'model.failed'), deaths + count('agent.crashed')];
    const said = `${agent}: ${granted} model calls granted, ${finished} finished, ${lost} lost, ${mayBe} deaths`;
    return granted !== finished + lost || lost > mayBe ? [said] : [];
  });
}
