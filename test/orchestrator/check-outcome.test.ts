// Goal: a check that failed before is told from one that the work broke.
// Method: outputs of the usual tools are counted, and outcomes compared with those of the base.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckResult } from '../../ipc/events.ts';
import { countFailures, outcomeOf } from '../../orchestrator/run-checks.ts';

const outputs: [tool: string, output: string, failures: number][] = [
  ['tsc', "src/a.ts(1,2): error TS2304: Cannot find name 'x'.\nsrc/b.ts(3,4): error TS2304: …\n", 2],
  ['TAP', 'ok 1 - a\nnot ok 2 - b\n    not ok 1 - inner\n', 2],
  ['node --test', '✔ good (1ms)\n✖ bad (2ms)\nℹ fail 1\n', 1],
  ['jest', 'PASS a.test.ts\nFAIL b.test.ts\n', 1],
  ['eslint', '/x/a.js\n  3:7  error  no-unused-vars\n  4:7  warning  z\n', 0],
  ['go', '--- FAIL: TestA (0.00s)\nFAIL\n', 2],
  ['nothing that is known', 'it broke\n', 1],
  ['nothing at all', '', 1],
];
for (const [tool, output, failures] of outputs)
  test(`the output of ${tool} counts ${failures || 'at least one'}`, () => {
    if (failures === 0) assert.ok(countFailures(output) >= 1);
    else assert.equal(countFailures(output), failures);
  });

const base = (outcome: CheckResult['outcome'], failures: number): CheckResult => ({
  ...{ name: 'c', command: 'c', outcome, exitCode: failures === 0 ? 0 : 1, timedOut: false, durationMs: 1 },
  ...{ failures, tail: '', outputPath: '' },
});

const now = (failures: number, exitCode: number | null = failures === 0 ? 0 : 1, timedOut = false) => ({
  ...{ failures, exitCode, timedOut },
});

test('passing is passing, whatever was before', () => {
  for (const before of [undefined, base('passed', 0), base('failed', 3)])
    assert.equal(outcomeOf(now(0), before), 'passed');
});

test('what failed before with as many failures is no worse; with one more, or where it passed, it failed', () => {
  assert.equal(outcomeOf(now(3), base('failed', 3)), 'no_worse');
  assert.equal(outcomeOf(now(2), base('failed', 3)), 'no_worse');
  assert.equal(outcomeOf(now(4), base('failed', 3)), 'failed');
  assert.equal(outcomeOf(now(1), base('passed', 0)), 'failed');
  assert.equal(outcomeOf(now(1), undefined), 'failed');
});

test('what came to its end on the base and was cut short now has failed, however little it shows', () => {
  for (const short of [now(1, null), now(1, 137), now(1, 1, true)]) {
    assert.equal(outcomeOf(short, base('failed', 3)), 'failed');
    assert.equal(outcomeOf(short, { ...base('failed', 3), exitCode: 143, timedOut: true }), 'no_worse');
  }
});
