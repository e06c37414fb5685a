// Goal: a person sees an agent's own list in the conversation and in the dashboard. Method: events are folded into both.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Event, type EventBody, eventVersion } from '../../../ipc/events.ts';
import { entryLines } from '../../../tui/chat/entry-view.ts';
import { hearEvent, newTranscript } from '../../../tui/chat/transcript.ts';
import { detailLines } from '../../../tui/dashboard/detail-view.ts';
import type { Focus } from '../../../tui/dashboard/focus.ts';

const textOf = (lines: { text: string }[][]) => lines.map((line) => line.map(({ text }) => text).join(''));

test('the call by which an agent says its list shows the list, under any name of the tool', () => {
  const transcript = newTranscript((text) => [[{ text, style: 'plain' }]] as never);
  const call = { agent: 'agent', call: 'c', name: 'TodoWrite' };
  const items = [{ text: 'look', status: 'done' as const }];
  const bodies: EventBody[] = [
    { type: 'tool.requested', ...call, arguments: { todos: [] } },
    { type: 'todo.set', agent: 'agent', items },
    {
      ...{ type: 'tool.finished', ...call, calledHere: 'todo', verdict: 'allowed', rule: '' },
      result: { text: 'Your list now:\n[x] look\n[ ] change', isError: false },
    },
  ];
  const at = '2026-12-01T00:00:00.000Z';
  for (const [index, body] of bodies.entries())
    hearEvent(transcript, { seq: index + 1, at, run: 'r', v: eventVersion, ...body } as Event);
  const [entry, ...others] = transcript.entries;
  assert.equal(others.length, 0);
  assert.deepEqual(textOf(entryLines(entry!, 40, false, Date.parse(at))), [
    '  ▸ ✓ list  ',
    '      [x] look',
    '      [ ] change',
  ]);
});

test('a patch is shown by its files, and unfolded line by line', () => {
  const input = '*** Begin Patch\n*** Update File: a.js\n-old\n+new\n*** Delete File: b.js\n*** End Patch\n';
  const entry = {
    ...{ version: 0, kind: 'call' as const, agent: 'agent', call: 'c', name: 'apply_patch', given: { input } },
    ...{ state: 'done' as const, output: 'Done:\nM a.js\nD b.js', startedAt: '', ms: 1 },
  };
  assert.deepEqual(textOf(entryLines(entry, 60, false, 0)), ['  ▸ ✓ patch a.js, b.js  ']);
  const unfolded = entryLines(entry, 60, true, 0);
  assert.ok(textOf(unfolded).includes('      -old') && textOf(unfolded).includes('      +new'));
});

test('the details of an agent in the dashboard hold its list', () => {
  const none = {
    reason: '',
    approvals: [],
    proposed: false,
    said: '',
    thought: '',
    streaming: '',
    calls: [],
    results: [],
  };
  const focus: Focus = {
    ...{ key: 'r/a', run: 'r', agent: 'a', goal: 'goal', ...none, plan: [], files: [], log: [] },
    todo: ['[x] look', '[>] change'],
  };
  const lines = textOf(detailLines(focus, { width: 40, now: 0, live: true }));
  const head = lines.findIndex((line) => line.startsWith('LIST'));
  assert.deepEqual(lines.slice(head + 1), ['[x] look', '[>] change']);
});
