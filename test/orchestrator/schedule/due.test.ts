// Goal: whatever a host was doing when it died, the next one knows from the log alone what is due.
// Method: a real log is cut after each kind of event, folded, and the ids of the due acts compared.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Event, type EventBody, eventVersion } from '../../../ipc/events.ts';
import { due } from '../../../orchestrator/schedule/due.ts';
import { foldAll } from '../../../state/fold.ts';
import { manifestOf } from '../../../state/manifest.ts';
import { readHistory } from '../../support/histories.ts';

const history = readHistory(join(import.meta.dirname, '..', '..', 'histories', 'v1', 'three-tasks.jsonl'));

/** The history up to and with the first event of that type that is about `subject`, an agent or a task. */
function until(type: Event['type'], subject?: string): Event[] {
  const at = history.findIndex((event) => {
    const about = 'task' in event ? event.task : 'agent' in event ? event.agent : undefined;
    return event.type === type && (subject === undefined || about === subject);
  });
  assert.ok(at >= 0, `${type} ${subject}`);
  return history.slice(0, at + 1);
}

function and(events: Event[], ...bodies: EventBody[]): Event[] {
  const { at, run } = events[0]!;
  const more = bodies.map((body, index) => ({ seq: events.length + 1 + index, at, run, v: eventVersion, ...body }));
  return [...events, ...(more as Event[])];
}

const dueIn = (events: Event[]) => due(foldAll(events)).map(({ id }) => id);

const points: [words: string, events: Event[], wanted: string[]][] = [
  ['created', until('run.created'), ['prepare']],
  ['prepared', until('repository.ready'), ['base_checks']],
  ['base checked', until('base.checked'), ['propose']],
  ['waiting for a person', until('plan.proposed'), []],
  ['accepted', until('plan.accepted'), ['assign:first:1']],
  ['given a work tree', until('workspace.assigned', 'first'), ['agent:first:0']],
  ['thinking', until('model.granted', 'first'), ['agent:first:0']],
  ['asking for a tool', until('tool.requested', 'first'), ['agent:first:0', 'tool:first:call_1']],
  ['writing files', until('tool.started', 'first'), ['agent:first:0', 'tool:first:call_1']],
  ['told the result', until('tool.finished', 'first'), ['agent:first:0']],
  ['handed in', until('agent.finished', 'first'), ['collect:first:1', 'assign:narrow:1']],
  ['collected', until('task.collected', 'first'), ['check:first:1', 'agent:narrow:0']],
  ['given up', until('agent.finished', 'narrow'), ['check:first:1', 'park:narrow']],
  ['parked', until('task.parked', 'narrow'), ['check:first:1']],
  ['checked green', until('task.checked', 'first'), ['merge:first:1']],
  ['moving the branch', until('merge.started', 'first'), ['merge:first:1']],
  ['merged', until('merge.finished', 'first'), ['assign:second:1']],
  ['all ended', until('merge.finished', 'second'), ['finish']],
  ['finished', until('run.finished'), []],
  ['undoing', until('undo.started'), ['undo:58']],
  ['undone', until('undo.finished'), []],
];

for (const [words, events, wanted] of points) {
  test(`of a run that was ${words} this is due: ${wanted.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(dueIn(events).sort(), wanted.toSorted());
  });
}

test('a second look at the same log finds the same acts, so that nothing is begun under another name', () => {
  for (const [, events] of points) {
    const restarted: EventBody = { type: 'host.started', epoch: 9, process: '1', family: 'f', program: 'vtcode' };
    assert.deepEqual(dueIn(and(events, restarted)), dueIn(events));
  }
});

test('a command that was started and never finished is still the agent’s open call', () => {
  const asked = until('tool.requested', 'first').slice(0, -1);
  const call = { agent: 'first', call: 'call_1' };
  const events = and(
    asked,
    { type: 'tool.requested', ...call, name: 'run_command', arguments: { command: 'make' } },
    { type: 'tool.started', ...call, rule: 'r', command: 'make' },
  );
  const open = foldAll(events).agents.get('first')?.open.get('call_1');
  assert.deepEqual({ name: open?.name, command: open?.started?.command }, { name: 'run_command', command: 'make' });
  assert.deepEqual(dueIn(events), ['agent:first:0', 'tool:first:call_1']);
});

test('a red check sends the task back to its agent, until the attempts are used up', () => {
  const collected = until('task.collected', 'first');
  const red = (attempt: number): EventBody => ({
    ...{ type: 'task.checked', task: 'first', attempt, verdict: 'red', tip: 'a', commit: 'b', conflicts: [] },
    results: [],
  });
  const handedIn = (attempt: number): EventBody[] => [
    { type: 'agent.finished', agent: 'first', life: attempt, handoff: { outcome: 'done', summary: 's' } },
    { type: 'task.collected', task: 'first', attempt, base: 'a', tree: 't', files: ['f'], outside: [] },
  ];
  const once = and(collected, red(1));
  assert.ok(dueIn(once).includes('agent:first:0'));
  const twice = and(once, ...handedIn(2), red(2));
  const thrice = and(twice, ...handedIn(3), red(3));
  assert.ok(dueIn(thrice).includes('park:first'));
  assert.equal(foldAll(thrice).tasks.get('first')?.context.attempt, 3);
});

test('a conflict gives the task its work tree anew, at the newest commit', () => {
  const events = and(until('task.collected', 'first'), {
    ...{ type: 'task.checked', task: 'first', attempt: 1, verdict: 'conflict', tip: 'a', commit: null },
    ...{ conflicts: ['src/user.ts'], results: [] },
  });
  assert.ok(dueIn(events).includes('assign:first:2'));
});

test('work outside of the scope goes back to the agent, and what waits for a parked task is parked', () => {
  const outside: EventBody = {
    ...{ type: 'task.collected', task: 'first', attempt: 1, base: 'a', tree: 't', files: ['x'], outside: ['x'] },
  };
  const handedIn = until('agent.finished', 'first');
  assert.ok(dueIn(and(handedIn, outside)).includes('agent:first:0'));
  const cannot: EventBody = {
    ...{ type: 'agent.finished', agent: 'first', life: 1, handoff: { outcome: 'cannot', summary: 's' } },
  };
  const parked = and(handedIn.slice(0, -1), cannot, { type: 'task.parked', task: 'first', reason: 'r', wip: null });
  assert.ok(dueIn(parked).includes('park:second'));
});

test('a crash restarts the agent under a new name, until the restarts are used up', () => {
  const crash: EventBody = { type: 'agent.crashed', agent: 'first', life: 1, reason: 'r' };
  const started = until('agent.started', 'first');
  assert.deepEqual(dueIn(and(started, crash)), ['agent:first:1']);
  assert.ok(dueIn(and(started, crash, crash, crash, crash)).includes('park:first'));
});

test('the manifest of every prefix is a manifest, and says finished only of a finished run', () => {
  for (let length = 1; length <= history.length; length += 1) {
    const state = foldAll(history.slice(0, length));
    const { state: word, events } = manifestOf(state, { live: false, logHead: '' });
    assert.deepEqual({ word: word === 'finished', events }, { word: state.finished !== null, events: length });
  }
});

test('a log with a gap, or without its beginning, is not folded', () => {
  assert.throws(() => foldAll(history.filter(({ seq }) => seq !== 5)), { code: 'state_damaged' });
  assert.throws(() => foldAll(history.slice(1)), { code: 'state_damaged' });
  assert.throws(() => foldAll([]), { code: 'state_damaged' });
});
