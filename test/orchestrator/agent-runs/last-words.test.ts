import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reminders } from '../../../ipc/context.ts';
import { afterLastWords } from '../../../orchestrator/agent-runs/last-words.ts';

/** Goal: an answer without a tool call is a hand-in unless something is open. Method: a table of answers and facts. */
type Facts = Parameters<typeof afterLastWords>[1];
const quiet: Facts = { agent: 'one', tools: ['read_file'], isTold: false, atWork: null, reminded: {} };
const after = (text: string, facts: Partial<Facts> = {}, stop: 'done' | 'length' = 'done') =>
  afterLastWords({ message: { role: 'assistant', text, calls: [] }, stop }, { ...quiet, ...facts });
const failed = (next: ReturnType<typeof after>): string => {
  assert.equal(next.kind === 'handed_in' && next.handoff.outcome, 'cannot');
  return next.kind === 'handed_in' ? next.handoff.summary : '';
};
const textCall = '<tool_call>{"name": "read_file", "arguments": {}}</tool_call>';

test('the last words of any agent are its hand-in', () => {
  const handedIn = { kind: 'handed_in', handoff: { outcome: 'done', summary: 'It is so.' } };
  for (const agent of ['agent', 'agent/1', 'a-task']) assert.deepEqual(after('It is so.', { agent }), handedIn, agent);
});

test('a message that came meanwhile is answered first', () => {
  assert.deepEqual(after('It is so.', { isTold: true }), { kind: 'goes_on' });
});

for (const [title, text, facts, stop, why, times, words] of [
  ['a cut answer', 'It is', {}, 'length', 'cut', 4, /cut at the output limit.*output_max/],
  ['a call as text', textCall, {}, 'done', 'text_call', 1, /as text \(<tool_call>: read_file\).*--tool-call-parser/],
  ['an empty answer', ' \n', {}, 'done', 'empty', 2, /answered nothing, 3 times/],
  [
    'a planner without a plan',
    'I would do it so.',
    { agent: 'planner' },
    'done',
    'no_plan',
    2,
    /no plan.*I would do it so/,
  ],
] as const)
  test(`${title} is reminded ${times} times in a row, then the agent has failed`, () => {
    const reminder = { why, text: reminders[why] };
    for (let before = 0; before < times; before += 1)
      assert.deepEqual(after(text, { ...facts, reminded: { [why]: before } }, stop), { kind: 'reminded', reminder });
    assert.match(failed(after(text, { ...facts, reminded: { [why]: times } }, stop)), words);
  });

test('an agent whose own agents are at work is told which, and never counts as done', () => {
  const atWork = 'Agents that you started are still at work: one/1.';
  assert.deepEqual(after('Done.', { atWork }), { kind: 'reminded', reminder: { why: 'agents_at_work', text: atWork } });
  assert.match(failed(after('Done.', { atWork, reminded: { agents_at_work: 4 } })), /one\/1/);
});

test('reminders for one reason do not count for another', () => {
  assert.equal(after(textCall, { reminded: { cut: 4, empty: 2 } }).kind, 'reminded');
});
