import * as z from 'zod/mini';
import { event } from '../ipc/events.ts';
import { manifest } from '../ipc/manifest.ts';
import { agentMachine } from '../state/agent-machine.ts';
import { runMachine } from '../state/run-machine.ts';
import { taskMachine } from '../state/task-machine.ts';

/** The pages of docs/ that are drawn from the code, by file name. Pure. */
export function drawnDocs(): Record<string, string> {
  return {
    'events.schema.json': schemaText(
      event,
      'An event of a run: one line of `vtcode run --json`, and one record of the log',
    ),
    'manifest.schema.json': schemaText(manifest, 'The manifest of a run: manifest.json, and `vtcode show --json`'),
    'states.md': statesText(),
  };
}

function schemaText(schema: z.ZodMiniType, title: string): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { reused: 'ref', unrepresentable: 'any' }) }, null, 2)}\n`;
}

type Transition = { target?: { key: string }[]; guard?: unknown };

type StateNode = {
  key: string;
  initial?: { target: { key: string }[] };
  states: Record<string, StateNode>;
  transitions: Map<string, Transition[]>;
  /** Taken at once when the state is entered, without an event. */
  always?: Transition[];
  type: string;
};

function statesText(): string {
  return [
    '# States',
    '',
    'Drawn from the machines in `state/` by `node scripts/docs.ts`; a test holds this page current. Arrows are events of the log;',
    'a question mark is a guard on the event or on a limit, and `at once` needs no event. What is due in each state is in `orchestrator/schedule/due.ts`.',
    '',
    '## A run',
    '',
    ...diagram(runMachine.root as unknown as StateNode),
    '',
    '## A task',
    '',
    ...diagram(taskMachine.root as unknown as StateNode),
    '',
    '## An agent',
    '',
    ...diagram(agentMachine.root as unknown as StateNode),
    '',
  ].join('\n');
}

function diagram(root: StateNode): string[] {
  const lines = ['```mermaid', 'stateDiagram-v2'];
  const first = root.initial?.target[0]?.key;
  if (first) lines.push(`  [*] --> ${first}`);
  for (const state of Object.values(root.states)) {
    for (const { target, guard } of state.always ?? [])
      lines.push(`  ${state.key} --> ${target?.[0]?.key ?? state.key}: at once${guard ? ' ?' : ''}`);
    for (const [type, transitions] of state.transitions)
      for (const { target, guard } of transitions)
        lines.push(`  ${state.key} --> ${target?.[0]?.key ?? state.key}: ${type}${guard ? ' ?' : ''}`);
    if (state.type === 'final') lines.push(`  ${state.key} --> [*]`);
  }
  for (const [type, transitions] of root.transitions)
    for (const { target } of transitions) if (target?.[0]) lines.push(`  any --> ${target[0].key}: ${type}`);
  return [...lines, '```'];
}
