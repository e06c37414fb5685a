// Goal: an answer to a page's host counts as long as the person said, and no longer. Method: logs with such answers.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Event, type EventBody, eventVersion } from '../../../ipc/events.ts';
import { allowedHosts } from '../../../orchestrator/schedule/approvals.ts';
import { foldAll } from '../../../state/fold.ts';
import { readHistory } from '../../support/histories.ts';

const history = readHistory(join(import.meta.dirname, '..', '..', 'histories', 'v1', 'three-tasks.jsonl'));
const working = history.slice(
  0,
  history.findIndex(({ type }) => type === 'tool.requested'),
);
const exact = {
  ...{ tool: 'fetch_url', summary: '', directory: '/', environment: {}, files: [], reads: [], paths: [], digest: '' },
  hosts: ['docs.example.org'],
};

function hostsAfter(answer: 'allow' | 'deny', scope: 'once' | 'task' | 'run', agent = 'first'): string[] {
  const bodies: EventBody[] = [
    { type: 'tool.requested', agent: 'first', call: 'c', name: 'fetch_url', arguments: {} },
    {
      ...{ type: 'approval.requested', approval: 'a', agent: 'first', call: 'c', exact, rule: 'r', risk: 'beyond' },
      ...{ deadline: '2126-01-01T00:00:00.000Z', default: 'deny' },
    },
    { type: 'approval.answered', approval: 'a', agent: 'first', answer, scope, by: 'me' },
  ];
  const { at, run } = working[0]!;
  const more = bodies.map((body, index) => ({ seq: working.length + 1 + index, at, run, v: eventVersion, ...body }));
  return allowedHosts(foldAll([...working, ...(more as Event[])]), agent);
}

test('a host is allowed for the call, the task or the run, as the person answered', () => {
  assert.deepEqual(hostsAfter('allow', 'once'), []);
  assert.deepEqual(hostsAfter('allow', 'task'), ['docs.example.org']);
  assert.deepEqual(hostsAfter('allow', 'task', 'second'), []);
  assert.deepEqual(hostsAfter('allow', 'run', 'second'), ['docs.example.org']);
  assert.deepEqual(hostsAfter('deny', 'run'), []);
});
