import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Event, type EventBody, eventVersion } from '../../ipc/events.ts';
import { conversation } from '../../state/conversation.ts';

/** Goal: the log gives back exactly what the model was shown, whoever died or was interrupted. Method: short histories. */
const agent = 'agent';
const usage = { inputTokens: 1, outputTokens: 1, usd: 0 };
const started = (life: number): EventBody => ({ type: 'agent.started', agent, role: 'general', life, model: 'm' });
const granted = (call: number): EventBody => ({ type: 'model.granted', agent, call, model: 'm' });
const told = (text: string): EventBody => ({ type: 'agent.told', agent, text, by: 'you' });
const said = (
  call: number,
  text: string,
  calls: { id: string; name: string; arguments: unknown }[] = [],
): EventBody => ({
  ...{ type: 'model.finished', agent, call, usage },
  message: { role: 'assistant', text, calls },
});
const finished = (outcome: 'done' | 'cannot'): EventBody => ({
  type: 'agent.finished',
  agent,
  life: 1,
  handoff: { outcome, summary: '' },
});
const result = (call: string, text: string): EventBody => ({
  ...{ type: 'tool.finished', agent, call, name: 'read_file', verdict: 'allowed', rule: '' },
  result: { text, isError: false },
});

function shown(...bodies: EventBody[]): { messages: string[]; told: string[] } {
  const events = bodies.map((body, index) => ({ seq: index + 1, at: '', run: 'r', v: eventVersion, ...body }) as Event);
  const { messages, told: open } = conversation(events, agent, { text: 'goal' });
  return { messages: messages.map(({ role, text }) => `${role}: ${text}`), told: open };
}

test('what was said while a call was never answered belongs before the answer to the next life', () => {
  const found = shown(started(1), granted(1), told('x'), started(2), granted(1), said(1, 'yes'), finished('done'));
  assert.deepEqual(found, { messages: ['user: goal', 'user: x', 'assistant: yes'], told: [] });
});

test('what was said during a call that is tried again in the same life waits for the next one', () => {
  const found = shown(
    started(1),
    granted(1),
    told('x'),
    granted(1),
    said(1, 'yes', [{ id: 'c', name: 'read_file', arguments: {} }]),
    result('c', 'r'),
  );
  assert.deepEqual(found, { messages: ['user: goal', 'assistant: yes', 'tool: r'], told: ['x'] });
});

test('a turn that was interrupted in the middle of its calls has an answer to each, and late results count for nothing', () => {
  const calls = ['a', 'b'].map((id) => ({ id, name: 'read_file', arguments: {} }));
  const found = shown(
    started(1),
    granted(1),
    said(1, '', calls),
    result('a', 'ra'),
    finished('cannot'),
    result('b', 'late'),
    told('go on'),
    started(2),
    granted(2),
    said(2, 'ok'),
    finished('done'),
  );
  assert.deepEqual(found.messages, [
    ...[
      'user: goal',
      'assistant: ',
      'tool: ra',
      'tool: Interrupted before it answered.',
      'user: go on',
      'assistant: ok',
    ],
  ]);
});

test('an agent that spoke without a call is reminded, unless those were its last words', () => {
  assert.match(shown(started(1), granted(1), said(1, 'hm')).messages.at(-1) ?? '', /^user: /);
  assert.equal(shown(started(1), granted(1), said(1, 'hm'), finished('done')).messages.at(-1), 'assistant: hm');
});

test('an agent’s own list is repeated after each compaction, as it stood last', () => {
  const list = (call: string, text: string): EventBody => ({ ...result(call, text), name: 'todo' }) as EventBody;
  const compacted = (call: number, messages: number): EventBody => ({
    ...{ type: 'context.compacted', agent, call, messages, text: `hand-off ${call}`, usage },
  });
  const todo = (id: string) => [{ id, name: 'todo', arguments: {} }];
  const long = `Your list now:\n${'[ ] a long list\n'.repeat(60)}`;
  const once = shown(
    ...[started(1), granted(1), said(1, '', todo('a')), list('a', 'Your list now:\n[ ] old')],
    ...[granted(2), said(2, '', todo('b')), list('b', long)],
    { type: 'context.cleared', agent, messages: 5 },
    compacted(3, 5),
  );
  assert.ok(once.messages.at(-1)?.endsWith(`hand-off 3\n\n${long}`), once.messages.at(-1));
  const twice = shown(
    ...[started(1), granted(1), said(1, '', todo('a')), list('a', 'Your list now:\n[x] first'), compacted(2, 3)],
    ...[granted(3), said(3, '', [{ id: 'r', name: 'read_file', arguments: {} }]), result('r', 'text'), compacted(4, 4)],
  );
  assert.deepEqual(twice.messages.length, 2);
  assert.match(twice.messages[1] ?? '', /^user: [^\n]*\n\nhand-off 4\n\nYour list now:\n\[x\] first$/);
});
