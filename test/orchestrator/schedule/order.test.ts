// Goal: the calls of one answer take effect in the order in which they were asked for; only what changes nothing overlaps.
// Method: a real log is cut where an agent works, calls are added to it, and the due tool calls are compared.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Event, type EventBody, eventVersion } from '../../../ipc/events.ts';
import { person } from '../../../ipc/run-kind.ts';
import { due } from '../../../orchestrator/schedule/due.ts';
import { foldAll } from '../../../state/fold.ts';
import { readHistory } from '../../support/histories.ts';

const history = readHistory(join(import.meta.dirname, '..', '..', 'histories', 'v1', 'three-tasks.jsonl'));
const working = history.slice(
  0,
  history.findIndex(({ type }) => type === 'tool.requested'),
);
const agent = 'first';

function and(events: Event[], ...bodies: EventBody[]): Event[] {
  const { at, run } = events[0]!;
  const more = bodies.map((body, index) => ({ seq: events.length + 1 + index, at, run, v: eventVersion, ...body }));
  return [...events, ...(more as Event[])];
}

const asked = (call: string, name: string, given: unknown = {}): EventBody => ({
  ...{ type: 'tool.requested', agent, call, name, arguments: given },
});
const finished = (call: string, name: string): EventBody => ({
  ...{ type: 'tool.finished', agent, call, name, verdict: 'allowed', rule: '', result: { text: '', isError: false } },
});
const question = (call: string): EventBody => ({
  ...{ type: 'approval.requested', approval: `apr_${call}`, agent, call, rule: 'r', risk: 'beyond', default: 'deny' },
  exact: {
    ...{
      tool: 'run_command',
      summary: '',
      directory: '/',
      environment: {},
      files: [],
      reads: [],
      paths: [],
      digest: '',
    },
  },
  deadline: '2126-01-01T00:00:00.000Z',
});
const dueIn = (events: Event[]) => due(foldAll(events)).map(({ id }) => id);
const toolsIn = (events: Event[]) =>
  dueIn(events).flatMap((id) => (id.startsWith(`tool:${agent}:`) ? [id.slice(`tool:${agent}:`.length)] : []));

const answers: [words: string, calls: EventBody[], wanted: string[]][] = [
  ['a write, then a command that sees it', [asked('w', 'write_file'), asked('r', 'run_command')], ['w']],
  ['three edits', [asked('1', 'edit_file'), asked('2', 'edit_file'), asked('3', 'edit_file')], ['1']],
  ['reads together', [asked('1', 'read_file'), asked('2', 'search'), asked('3', 'list_files')], ['1', '2', '3']],
  ['reads before a write', [asked('1', 'read_file'), asked('2', 'search'), asked('w', 'edit_file')], ['1', '2']],
  ['a read after a write', [asked('w', 'edit_file'), asked('r', 'read_file')], ['w']],
  [
    'delegated agents together',
    [asked('1', 'delegate'), asked('2', 'delegate'), asked('3', 'read_file')],
    ['1', '2', '3'],
  ],
  ['a write after a delegated agent', [asked('1', 'delegate'), asked('w', 'edit_file')], ['1']],
  [
    'dry runs together',
    [asked('1', 'move_module', { dry_run: true }), asked('2', 'rename_symbol', { dry_run: true })],
    ['1', '2'],
  ],
  ['an end before its work', [asked('f', 'finish'), asked('w', 'edit_file'), asked('r', 'run_command')], ['w']],
  ['an unknown tool beside a write', [asked('u', 'no_such_tool'), asked('w', 'edit_file')], ['u']],
];

for (const [words, calls, wanted] of answers)
  test(`of one answer with ${words}, ${wanted.join(' and ')} may begin`, () => {
    assert.deepEqual(toolsIn(and(working, ...calls)), wanted);
  });

test('when a call has ended the next one begins, and a new host goes on with the same one', () => {
  const calls = [asked('w', 'edit_file'), asked('r', 'run_command'), asked('l', 'read_file')];
  const restarted: EventBody = { type: 'host.started', epoch: 9, process: '1', family: 'f', program: 'vtcode' };
  const once = and(working, ...calls, finished('w', 'edit_file'));
  const begun = and(once, { type: 'tool.started', agent, call: 'r', rule: 'r', command: 'make' });
  const twice = and(begun, finished('r', 'run_command'));
  assert.deepEqual([once, begun, and(begun, restarted), twice].map(toolsIn), [['r'], ['r'], ['r'], ['l']]);
});

test('a call that waits for a person holds back the rest, and their agent needs no thread', () => {
  const calls = [asked('1', 'run_command'), asked('2', 'edit_file'), asked('3', 'read_file')];
  const waiting = and(working, ...calls, question('1'));
  assert.deepEqual(
    dueIn(waiting).filter((id) => id.includes(agent)),
    [],
  );
  const answered: EventBody = {
    ...{ type: 'approval.answered', approval: 'apr_1', agent, answer: 'allow', scope: 'once', by: 'me' },
  };
  assert.deepEqual(toolsIn(and(waiting, answered)), ['1']);
});

test('commands of a person in a conversation are no answer of a model: they run side by side', () => {
  const lone = readHistory(join(import.meta.dirname, '..', '..', 'histories', 'v1', 'lone-tainted.jsonl'));
  const own = ['1', '2'].map((call): EventBody => ({ ...asked(call, 'run_command'), agent: person }) as EventBody);
  const at = lone.findIndex(({ type }) => type === 'model.granted');
  const ids = dueIn(and(lone.slice(0, at + 1), ...own));
  assert.deepEqual(
    ids.filter((id) => id.startsWith('tool:')),
    [`tool:${person}:1`, `tool:${person}:2`],
  );
});
