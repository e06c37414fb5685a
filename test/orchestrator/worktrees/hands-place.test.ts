// Goal: an agent gets hands that write exactly when a tool of its role says that it writes.
// Method: a real log, cut while a task is worked on, is given a helper whose role has one single tool, once for each tool.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event } from '../../../ipc/events.ts';
import { handsPlace } from '../../../orchestrator/worktrees/agent-hands.ts';
import { foldAll } from '../../../state/fold.ts';
import type { RunState } from '../../../state/run-state.ts';
import { toolbox } from '../../../tools/contracts/toolbox.ts';
import { readHistory } from '../../support/histories.ts';

const history = readHistory(join(import.meta.dirname, '..', '..', 'histories', 'v1', 'three-tasks.jsonl'));
const underWay = history.slice(0, history.findIndex(({ type }) => type === 'model.granted') + 1);

/** The run while the agent `first` works and has started `first/1`, whose role has only these tools. */
function withHelper(tools: string[]): RunState {
  const { at, run, v } = history[0]!;
  const state = foldAll([
    ...underWay.map((known) => (known.type === 'run.created' ? withRole(known, tools) : known)),
    {
      ...{ seq: underWay.length + 1, at, run, v, type: 'agent.delegated' as const },
      ...{ agent: 'first/1', parent: 'first', call: 'call_1', role: 'helper', prompt: 'Help.' },
    },
  ]);
  assert.equal(state.agents.get('first/1')?.role, 'helper');
  return state;
}

function withRole(created: Extract<Event, { type: 'run.created' }>, tools: string[]): Event {
  const { coder } = created.config.roles;
  assert.ok(coder);
  const roles = { ...created.config.roles, helper: { ...coder, tools } };
  return { ...created, config: { ...created.config, roles } };
}

for (const { name, writes } of toolbox.values()) {
  const mode = writes ? 'write' : 'read';
  test(`a helper whose only tool is ${name} gets hands that ${mode}`, () => {
    assert.equal(handsPlace('first/1', withHelper([name])).mode, mode);
    assert.equal(handsPlace('first/1', withHelper(['read_file', name])).mode, mode);
  });
}

test('a helper whose tools are unknown gets hands that read', () => {
  assert.equal(handsPlace('first/1', withHelper(['no_such_tool'])).mode, 'read');
});
