// Goal: one run has one word, and the coarse state of the manifest never contradicts it.
// Method: a real log is read up to each of its events, with and without a host; then facts of a person are added.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event, EventBody } from '../../ipc/events.ts';
import { runRow } from '../../orchestrator/runs/overview.ts';
import { foldAll } from '../../state/fold.ts';
import { manifestOf } from '../../state/manifest.ts';
import { readHistory } from '../support/histories.ts';

const history = readHistory(join(import.meta.dirname, '..', 'histories', 'v1', 'three-tasks.jsonl'));

/** The words of a log in the order in which they first appear: stage of the manifest, word of the manifest, word of `ps`. */
function wordsOf(events: Event[], live: boolean): string[] {
  const state = foldAll(events);
  const { state: stage, word } = manifestOf(state, { live, logHead: '' });
  return [stage, word, runRow(state, live, null).state];
}

function added(events: Event[], ...bodies: EventBody[]): Event[] {
  const { at, run } = events[0]!;
  return [
    ...events,
    ...bodies.map((body, index) => ({ seq: events.length + 1 + index, at, run, v: 1, ...body }) as Event),
  ];
}

test('at each event of a run, the manifest and ps say the same word', () => {
  const seen = (live: boolean) =>
    [...new Set(history.map((_, at) => wordsOf(history.slice(0, at + 1), live).join(' · ')))].sort();
  assert.deepEqual(seen(true), [
    'finished · incomplete · incomplete',
    'planning · planning · planning',
    'preparing · preparing · preparing',
    'waiting · waiting for you · waiting for you',
    'working · working · working',
  ]);
  assert.deepEqual(seen(false), [
    'finished · incomplete · incomplete',
    'interrupted · interrupted · interrupted',
    'waiting · waiting for you · waiting for you',
  ]);
});

test('a run without a host says why it has none', () => {
  const working = history.slice(0, history.findIndex(({ type }) => type === 'plan.accepted') + 1);
  const after = (...bodies: EventBody[]) => wordsOf(added(working, ...bodies), false);
  const by = 'vtcode stop';
  assert.deepEqual(after({ type: 'run.intended', intent: 'stopped', by }), ['interrupted', 'stopped', 'stopped']);
  assert.deepEqual(after({ type: 'run.intended', intent: 'paused', by }), ['interrupted', 'paused', 'paused']);
  assert.deepEqual(after({ type: 'run.gave_up', reason: 'crashes', crashes: 5 }), [
    'interrupted',
    'gave up',
    'gave up',
  ]);
  assert.deepEqual(after({ type: 'host.stopped', reason: 'limits.usd', exitCode: 4 }), [
    'interrupted',
    'at a limit',
    'at a limit',
  ]);
});
