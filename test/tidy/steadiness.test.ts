import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SgNode } from '@ast-grep/napi';
import { nodesOf, parsedSources, tally } from './syntax.ts';

/**
 * Goal: no test depends on the pace of the machine. Method: the syntax of every file under test/ is searched for what
 * makes a test unsteady; the files that still do it are listed with how often, and the lists only shrink.
 */
const tests = parsedSources().filter(({ path }) => path.startsWith('test/') && !path.startsWith('test/tidy/'));
const calls = tests.map(({ path, tree }) => ({ path, found: nodesOf(tree, ['call_expression']) }));

/** Files with a call that `isWrong`, and how many there are. */
function filesWith(isWrong: (call: SgNode) => boolean): Record<string, number> {
  return tally(calls.flatMap(({ path, found }) => found.filter(isWrong).map(() => path)));
}

test('no test sleeps for luck: it waits for a condition, in a loop with a deadline', () => {
  assert.deepEqual(filesWith(isLuckySleep), sleeps);
});

/** `sleep(…)` or `setTimeout(resolve, …)` that is awaited elsewhere than in a loop that looks again. */
function isLuckySleep(call: SgNode): boolean {
  const name = call.field('function')?.text() ?? '';
  const words = call.field('arguments')?.text() ?? '';
  return (name === 'sleep' || (name === 'setTimeout' && /^\(resolve\b/.test(words))) && !isInLoop(call);
}

test('no test asserts how long something took', () => {
  assert.deepEqual(filesWith(assertsTime), timed);
});

/** An assertion about a clock, or a measured time that is kept for one. A loop that gives up at a deadline may do both. */
function assertsTime(call: SgNode): boolean {
  const name = call.field('function')?.text() ?? '';
  if (/^assert\b/.test(name)) return /\b(performance|Date)\.now\(\)/.test(call.text()) && !isInLoop(call);
  const isDifference = call.parent()?.kind() === 'binary_expression' && /now\(\) - /.test(call.parent()?.text() ?? '');
  return /^(performance|Date)\.now$/.test(name) && isDifference && !isInLoop(call);
}

function isInLoop(node: SgNode): boolean {
  return node.ancestors().some((one) => /^(for|while|do)_/.test(String(one.kind())));
}

test('no test asks how busy the machine is', () => {
  assert.deepEqual(
    filesWith((call) => call.field('function')?.text() === 'loadavg'),
    {},
  );
});

/**
 * Sleeps that are not for luck: a fake that is slow on purpose, a kill at a random moment, a wait for
 * nothing to happen. This list only shrinks.
 */
const sleeps: Record<string, number> = {
  'test/chaos/chaos.ts': 1,
  'test/chaos/hostile.ts': 2,
  'test/orchestrator/hands/pool.test.ts': 1,
  'test/run/delegation.test.ts': 2,
  'test/run/detach.test.ts': 1,
  'test/run/sandbox.test.ts': 1,
  'test/supervisor/process-tree.test.ts': 1,
  'test/support/model-server.ts': 1,
  'test/tools/code/language-server.test.ts': 1,
  'test/tui/chat/chat.test.ts': 2,
};

/** Times that are in the past on purpose, of another clock, or told and not asserted. This list only shrinks. */
const timed: Record<string, number> = {
  'test/chaos/hostile.ts': 1,
  'test/orchestrator/host/live-text.test.ts': 1,
  'test/run/clock.test.ts': 1,
  'test/run/models.test.ts': 1,
  'test/run/stale-locks.test.ts': 1,
  'test/supervisor/process-tree.test.ts': 1,
  'test/support/truth.ts': 3,
};
