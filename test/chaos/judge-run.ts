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

/** Events that say why a run did not end well, wherever they stand; of them, and of so many last ones, so much is shown. */
const telling = ['host.stopped', 'run.gave_up', 'task.parked', 'agent.crashed'];
const lastShown = 8;
const shownMax = 600;

/** What must hold of a run that was killed and resumed; a sentence for each thing that does not. */
export function judgeRun(
  resumed: Called,
  wanted: { repository: TestRepository; run: string; tree: string; tasks: number },
): string[] {
  const { repository, run } = wanted;
  if (resumed.code !== 0) {
    const events = jsonLines(resumed.stdout);
    const told = events.filter(({ type }) => typeof type === 'string' && telling.includes(type));
    const last = [...told, ...events.slice(-lastShown)].map((event) => JSON.stringify(event).slice(0, shownMax));
    return [`resume of ${run} ended with ${resumed.code}: ${resumed.stderr}\n  ${last.join('\n  ')}`];
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
 * A model call is repeated for each life of its agent that ended early, at most once; and a life ends early with the host,
 * by a crash, or to wait for others.
 */
function repeatedCalls(events: Record<string, unknown>[]): string[] {
  const hostDeaths = events.filter(({ type }) => type === 'host.started').length - 1;
  const agents = new Set(events.flatMap(({ agent }) => (typeof agent === 'string' ? [agent] : [])));
  return [...agents].flatMap((agent) => {
    const count = (...types: string[]) =>
      events.filter((event) => event.agent === agent && types.includes(String(event.type))).length;
    const repeated = count('model.granted') - count('model.finished', 'context.compacted');
    const endedEarly = count('agent.started') - 1;
    const why = hostDeaths + count('agent.crashed', 'agent.parked');
    const told = `${agent}: ${repeated} model calls repeated, ${endedEarly} lives ended early, ${why} reasons for that`;
    const lost = count('model.abandoned', 'model.failed');
    return repeated < 0 || repeated > endedEarly || lost > repeated || endedEarly > why ? [told] : [];
  });
}
