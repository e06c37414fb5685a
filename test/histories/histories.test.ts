import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event } from '../../ipc/events.ts';
import { reservedIn } from '../../orchestrator/governor/budget.ts';
import { due } from '../../orchestrator/schedule/due.ts';
import { begin, fold, foldAll } from '../../state/fold.ts';
import { readHistory } from '../support/histories.ts';

/**
 * Goal: a later vtcode reads the logs of an earlier one, and does next what that one would have done.
 * Method: logs of real runs of every kind, kept with the set of acts that was due after each event and with what the whole
 * log came to, as the version that wrote them saw it (make-state.ts made the runs). Neither is ever made anew.
 */
type Expected = { due: { after: number; due: string }[] } & Record<string, unknown>;

const versions = readdirSync(import.meta.dirname).filter((name) => /^v\d+$/.test(name));

for (const version of versions) {
  const folder = join(import.meta.dirname, version);
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, Expected>;
  for (const [kind, { due: acts, ...whole }] of Object.entries(expected)) {
    const events = readHistory(join(folder, `${kind}.jsonl`));
    test(`${version} ${kind}: the acts due after each of its ${events.length} events`, () => {
      assert.deepEqual(dueAfterEach(events), acts);
    });
    test(`${version} ${kind}: what the whole log comes to`, () => {
      assert.deepEqual(summary(events), whole);
    });
  }
}

/** The ids of the due acts, one entry for each event after which they are others than before. */
function dueAfterEach(events: Event[]): Expected['due'] {
  const found: Expected['due'] = [];
  let state = begin(events[0]);
  for (const [index, event] of events.entries()) {
    if (index > 0) state = fold(state, event);
    const ids = due(state)
      .map(({ id }) => id)
      .join(' ');
    if (ids !== (found.at(-1)?.due ?? '')) found.push({ after: index + 1, due: ids });
  }
  return found;
}

function summary(events: Event[]) {
  const state = foldAll(events);
  return {
    phase: state.phase.value,
    tasks: Object.fromEntries([...state.tasks].map(([name, { value }]) => [name, value])),
    usage: state.usage,
    reserved: reservedIn(state),
    turns: state.turns.length,
    waiting: state.waiting.size,
    tainted: [...state.agents].filter(([, { tainted }]) => tainted).map(([name]) => name),
  };
}
