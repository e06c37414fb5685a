// Goal: a check that failed before is told from one that the work broke, and one that ran no test from one that passed.
// Method: outputs of the usual tools are counted, and outcomes compared with those of the base.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckResult } from '../../../ipc/plan.ts';
import { type Ended, judgeCheck } from '../../../orchestrator/checks/outcome.ts';

const ended = (given: Partial<Ended>): Ended => ({ exitCode: 1, timedOut: false, output: '', whole: true, ...given });

const failing: [tool: string, output: string, failures: number][] = [
  ['tsc', "src/a.ts(1,2): error TS2304: Cannot find name 'x'.\nsrc/b.ts(3,4): error TS2304: …\n", 2],
  ['TAP', 'ok 1 - a\nnot ok 2 - b\n    not ok 1 - inner\n', 2],
  ['node --test', '✔ good (1ms)\n✖ bad (2ms)\nℹ fail 1\n', 1],
  ['jest', 'PASS a.test.ts\nFAIL b.test.ts\n', 1],
  ['go', '--- FAIL: TestA (0.00s)\nFAIL\n', 2],
  ['nothing that is known', 'it broke\n', 1],
  ['nothing at all', '', 1],
];
for (const [tool, output, failures] of failing)
  test(`a failed ${tool} counts ${failures}`, () => {
    assert.equal(judgeCheck(ended({ output }), undefined).failures, failures);
  });

const passing: [tool: string, output: string, tests: number | null][] = [
  ['node --test', 'ℹ tests 12\nℹ pass 12\nℹ fail 0\n', 12],
  ['TAP', '# tests 3\n# pass 3\n', 3],
  ['mocha', '  1256 passing (3s)\n', 1256],
  ['jest', 'Tests:       1 skipped, 40 passed, 41 total\n', 40],
  ['vitest', '      Tests  4913 passed | 44 skipped (4968)\n', 4913],
  ['ava', '  7 tests passed\n', 7],
  ['pytest', '===== 5 passed, 1 warning in 0.1s =====\n', 5],
  ['cargo, twice', 'test result: ok. 2 passed; 0 failed\ntest result: ok. 3 passed; 0 failed\n', 5],
  ['tsc', '', null],
];
for (const [tool, output, tests] of passing)
  test(`a passed ${tool} ran ${tests ?? 'no'} tests`, () => {
    assert.equal(judgeCheck(ended({ exitCode: 0, output }), undefined).tests, tests);
  });

const base = (outcome: CheckResult['outcome'], failures: number, more: Partial<CheckResult> = {}): CheckResult => ({
  ...{ name: 'c', command: 'c', outcome, exitCode: failures === 0 ? 0 : 1, timedOut: false, durationMs: 1 },
  ...{ failures, tail: '', outputPath: '', ...more },
});
const errors = (count: number) => ended({ output: 'a.ts(1,1): error TS1: x\n'.repeat(count) });

test('passing is passing, whatever was before', () => {
  for (const before of [undefined, base('passed', 0), base('failed', 3)])
    assert.equal(judgeCheck(ended({ exitCode: 0 }), before).outcome, 'passed');
});

test('what failed before with as many failures is no worse; with one more, or where it passed, it failed', () => {
  assert.equal(judgeCheck(errors(3), base('failed', 3)).outcome, 'no_worse');
  assert.equal(judgeCheck(errors(2), base('failed', 3)).outcome, 'no_worse');
  assert.equal(judgeCheck(errors(4), base('failed', 3)).outcome, 'failed');
  assert.equal(judgeCheck(errors(1), base('passed', 0)).outcome, 'failed');
  assert.equal(judgeCheck(errors(1), undefined).outcome, 'failed');
});

test('what came to its end on the base and was cut short now has failed, however little it shows', () => {
  const one = 'a.ts(1,1): error TS1: x\n';
  for (const short of [{ exitCode: null }, { exitCode: 137 }, { timedOut: true }, { exitCode: 0, timedOut: true }]) {
    const now = ended({ output: one, ...short });
    assert.equal(judgeCheck(now, base('failed', 3)).outcome, 'failed');
    assert.equal(judgeCheck(now, base('failed', 3, { exitCode: 143, timedOut: true })).outcome, 'no_worse');
  }
});

test('what named several failures on the base and breaks now without naming any has failed', () => {
  assert.equal(judgeCheck(ended({ output: 'Segmentation fault\n' }), base('failed', 3)).outcome, 'failed');
  assert.equal(judgeCheck(ended({ output: 'it broke\n' }), base('failed', 1)).outcome, 'no_worse');
});

test('a check whose tests are all gone has failed, although it says that all is fine', () => {
  const before = base('passed', 0, { tests: 12 });
  for (const output of ['ℹ tests 0\nℹ pass 0\n', '']) {
    const judged = judgeCheck(ended({ exitCode: 0, output }), before);
    assert.equal(judged.outcome, 'failed');
    assert.match(judged.note ?? '', /12 tests passed here on the base, and none ran now/);
  }
  assert.equal(judgeCheck(ended({ exitCode: 0, output: 'ℹ pass 11\n' }), before).outcome, 'passed');
  assert.equal(judgeCheck(ended({ exitCode: 0, output: 'cut', whole: false }), before).outcome, 'passed');
});

const absences: [shell: string, output: string, named: string][] = [
  ['dash', 'sh: 1: vitest: not found\n', 'vitest'],
  ['bash', 'bash: line 1: pytest: command not found\n', 'pytest'],
  ['npm', '\n> shop@1.0.0 test\n> jest --ci\n\nsh: 1: jest: not found\n', 'jest'],
  ['env', 'env: ‘node’: No such file or directory\n', 'node'],
  ['busybox', 'sh: ./run.sh: not found\n', './run.sh'],
  ['a script without its right', 'sh: 1: ./check.sh: Permission denied\n', './check.sh'],
];
for (const [shell, output, named] of absences)
  test(`a program that ${shell} does not find makes no failure that may stay`, () => {
    const now = ended({ exitCode: output.includes('Permission') ? 126 : 127, output });
    const first = judgeCheck(now, undefined);
    assert.equal(first.outcome, 'cannot_run');
    assert.equal(first.note, `vtcode: this check cannot run here: ${named} is not found inside the walls.`);
    assert.equal(judgeCheck(now, base('cannot_run', 1, { exitCode: 127 })).outcome, 'cannot_run');
    // On the base it ran, well or badly: now it does not start, and that is the work's doing.
    assert.equal(judgeCheck(now, base('passed', 0)).outcome, 'failed');
    assert.equal(judgeCheck(now, base('failed', 3)).outcome, 'failed');
  });

test('a check that could not run on the base and fails now has failed; 127 failing tests are failures', () => {
  assert.equal(judgeCheck(errors(1), base('cannot_run', 1, { exitCode: 127 })).outcome, 'failed');
  const many = ended({ exitCode: 127, output: '  3 passing (1s)\n  127 failing\n\n  1) breaks\n' });
  assert.equal(judgeCheck(many, undefined).outcome, 'failed');
});
