import type { CheckResult } from '../../ipc/plan.ts';

/** How a check ended, and its output. `whole`: the output is not cut. */
export type Ended = { exitCode: number | null; timedOut: boolean; output: string; whole: boolean };
export type Judged = {
  outcome: CheckResult['outcome'];
  /** How many failures its output names: 0 when it passed, else at least 1. */
  failures: number;
  /** The number of passed tests in its output, or null when the output names none. */
  tests: number | null;
  /** A remark for readers of its output, or null. */
  note: string | null;
};

/** Lines that a type checker, linter or test runner prints for each failure. */
const failureLine =
  /(\berror TS\d+|^\s*not ok\b|^\s*(✖|✗|✘|×)\s|^\s*(FAIL|FAILED|ERROR)\b|^\s*\d+\) |\berror\b.*:\d+|:\d+:\d+:?\s+error\b|^--- FAIL)/;

/** How test runners print the number of passed tests: node:test, TAP, mocha, jest, vitest, ava, pytest, cargo, uvu. */
const passedTests =
  /^(?:ℹ|#) pass\s+(\d+)\s*$|^\s*(\d+) passing\b|^\s*Tests:?\s.*?(\d+) passed|^\s*(\d+) tests? passed|^=+ .*?(\d+) passed|^test result: \S+ (\d+) passed|^\s*Passed:\s+(\d+)\s*$/;

/** The outcome of a check, compared with its result on the base if it ran there. Pure. */
export function judgeCheck(now: Ended, before: CheckResult | undefined): Judged {
  const lines = now.output.split('\n');
  const named = lines.filter((line) => failureLine.test(line)).length;
  const tests = countTests(lines);
  // A check that is ended at its deadline may still report success.
  if (now.exitCode === 0 && !now.timedOut) {
    const expected = before?.outcome === 'passed' ? (before.tests ?? 0) : 0;
    if (expected === 0 || (tests ?? 0) > 0 || !now.whole) return { outcome: 'passed', failures: 0, tests, note: null };
    const note = `vtcode: ${expected} tests passed here on the base, and none ran now.`;
    return { outcome: 'failed', failures: 1, tests, note };
  }
  const failures = Math.max(1, named);
  if (isNotFound(now) && named === 0 && tests === null && before?.outcome !== 'passed') {
    // A check that ran on the base and does not start any more is no absence of a program: the work broke it.
    const outcome = before === undefined || isNotFound(before) ? 'cannot_run' : 'failed';
    return { outcome, failures, tests, note: `vtcode: this check cannot run here: ${missing(now.output)}.` };
  }
  return { outcome: isNoWorse(now, named, before) ? 'no_worse' : 'failed', failures, tests, note: null };
}

function isNoWorse(now: Ended, named: number, before: CheckResult | undefined): boolean {
  if (before === undefined || before.outcome === 'passed' || before.outcome === 'cannot_run') return false;
  // If it was cut short, or failed before it could name a failure, it shows fewer failures than there are.
  if (isCutShort(now) && !isCutShort(before)) return false;
  if (named === 0 && before.failures > 1) return false;
  return Math.max(1, named) <= before.failures;
}

/** Whether it was ended from outside: at its deadline or by a signal, which a shell reports by a code above 128. */
function isCutShort({ exitCode, timedOut }: Pick<Ended, 'exitCode' | 'timedOut'>): boolean {
  return timedOut || exitCode === null || exitCode > 128;
}

/** A shell's exit code for a program that is not there, or that cannot be started. */
const isNotFound = ({ exitCode, timedOut }: Pick<Ended, 'exitCode' | 'timedOut'>): boolean =>
  !timedOut && (exitCode === 127 || exitCode === 126);

/** How shells and `env` say that a program is not there. */
const notFound =
  /(?:^|: |exec: )['"‘`]?([^\s:'"’`]+)['"’]?: (?:command |inaccessible or )?not found|env: ['"‘`]?([^\s:'"’]+)['"’]?: (?:No such|Permission)|: ([^\s:]+): (?:No such file|Permission denied|cannot execute)/im;

function missing(output: string): string {
  const [, ...names] = notFound.exec(output) ?? [];
  const name = names.find((one) => one !== undefined);
  return name === undefined ? 'a program that it starts is not found' : `${name} is not found inside the walls`;
}

function countTests(lines: string[]): number | null {
  const counts = lines.flatMap((line) => {
    const match = passedTests.exec(line);
    return match ? [Number(match.slice(1).find((group) => group !== undefined))] : [];
  });
  return counts.length === 0 ? null : counts.reduce((sum, one) => sum + one, 0);
}
