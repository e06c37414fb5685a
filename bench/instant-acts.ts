import type { EventBody } from '../ipc/events.ts';
import type { HostContext } from '../orchestrator/host/context.ts';
import type { Act, Step } from '../orchestrator/schedule/due.ts';

/**
 * Acts that answer at once: they tell the facts a real task tells (16 events: assigned, two model calls, an edit, a
 * hand-in, checked, merged) and do nothing. What is left is the host's own work.
 */
export const eventsPerTask = 16;

const commit = 'c'.repeat(40);
const usage = { inputTokens: 0, outputTokens: 0, usd: 0 };

export function instantActs(): (act: Act, context: HostContext) => Promise<EventBody[]> {
  const ends = new Map<string, () => void>();
  const ask = (agent: string, call: number, name: string): EventBody[] => {
    const calls = [{ id: `call_${call}`, name, arguments: { to: `new_${agent}` } }];
    const message = { role: 'assistant' as const, text: 'Renaming now.', calls };
    return [
      { type: 'model.finished', agent, call, message, usage },
      { type: 'tool.requested', agent, call: `call_${call}`, name, arguments: { to: `new_${agent}` } },
    ];
  };
  const think = async (agent: string, call: number, name: string, context: HostContext) => {
    await context.record([{ type: 'model.granted', agent, call, model: 'embedded' }]);
    await context.record(ask(agent, call, name));
  };
  const work: Step<'agent', HostContext> = async ({ agent, role }, context) => {
    const ended = new Promise<void>((resolve) => ends.set(agent, resolve));
    await context.record([{ type: 'agent.started', agent, role, life: 1, model: 'embedded' }]);
    await think(agent, 1, 'rename_symbol', context);
    await ended;
    return [];
  };
  const tool: Step<'tool', HostContext> = async ({ agent, call }, context) => {
    const name = call === 'call_1' ? 'rename_symbol' : 'finish';
    const result = { text: '3 sites in 2 files.', isError: false };
    const done: EventBody = { type: 'tool.finished', agent, call, name, verdict: 'allowed', rule: 'scope', result };
    if (name === 'finish') {
      ends.get(agent)?.();
      return [done, { type: 'agent.finished', agent, life: 1, handoff: { outcome: 'done', summary: 'Renamed.' } }];
    }
    await context.record([{ type: 'tool.started', agent, call, rule: 'scope' }], { durable: true });
    await context.record([done]);
    await think(agent, 2, 'finish', context);
    return [];
  };
  return async (act, context) => {
    if (act.kind === 'agent') return work(act, context);
    if (act.kind === 'tool') return tool(act, context);
    return factsOf(act, context);
  };
}

async function factsOf(act: Act, context: HostContext): Promise<EventBody[]> {
  switch (act.kind) {
    case 'assign':
      await context.record([{ type: 'workspace.assigned', task: act.task, tree: `tree_${act.task}`, commit }]);
      return [];
    case 'collect': {
      const { task, attempt } = act;
      const files = [`src/${task}.ts`];
      return [{ type: 'task.collected', task, attempt, base: commit, tree: commit, files, outside: [] }];
    }
    case 'check': {
      const { task, attempt } = act;
      const fact = { type: 'task.checked' as const, task, attempt, tip: commit, commit, conflicts: [], results: [] };
      return [{ ...fact, verdict: 'green' }];
    }
    case 'merge': {
      const { task, attempt } = act;
      const intent = { type: 'merge.started' as const, task, attempt, ref: 'refs/heads/vtcode/run', old: commit };
      await context.record([{ ...intent, new: commit }], { durable: true });
      return [{ type: 'merge.finished', task, attempt, commit }];
    }
    case 'finish':
      await context.record([{ type: 'run.finished', outcome: 'done', exitCode: 0, reason: 'done' }], { durable: true });
      return [];
    default:
      throw new Error(`no instant act for ${act.kind}`);
  }
}
