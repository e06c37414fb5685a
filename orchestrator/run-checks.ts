import { stripVTControlCharacters } from 'node:util';
import type { CheckResult } from '../ipc/events.ts';
import type { Check } from '../ipc/plan.ts';
import type { HostContext } from './context.ts';
import { handsFor } from './trees.ts';

/** Lines that a type checker, linter or test runner prints for each thing that is wrong. */
const failureLine =
  /(\berror TS\d+|^\s*not ok\b|^\s*(✖|✗|✘|×)\s|^\s*(FAIL|FAILED|ERROR)\b|^\s*\d+\) |\berror\b.*:\d+|:\d+:\d+:?\s+error\b|^--- FAIL)/;

/**
 * Runs checks, one after another, in the check tree as it lies. `base`: their results on the run's base; a check that
 * failed there counts as no worse when it shows no more failures now.
 */
export async function runChecks(
  context: HostContext,
  checks: Check[],
  base: CheckResult[],
  onStart: (name: string) => void = () => {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    onStart(check.name);
    results.push(await runCheck(context, check, base));
  }
  return results;
}

async function runCheck(context: HostContext, check: Check, base: CheckResult[]): Promise<CheckResult> {
  const { limits } = context.state().created.config;
  const hands = await handsFor(context, 'check', 'write');
  const order = {
    command: check.command,
    directory: check.directory,
    timeoutMs: Math.min(check.timeoutMs, limits.check_seconds * 1000),
    environment: { CI: '1' },
    signal: context.signal,
  };
  const report = await hands.run(order);
  context.signal.throwIfAborted();
  // Colours are taken out of what is shown, not forbidden to the command: tests of colours would fail.
  const tail = stripVTControlCharacters(report.tail);
  const failures = report.exitCode === 0 ? 0 : countFailures(tail);
  const before = base.find((result) => result.name === check.name);
  return {
    name: check.name,
    command: check.command,
    outcome: outcomeOf(failures, before),
    exitCode: report.exitCode,
    timedOut: report.timedOut,
    durationMs: report.durationMs,
    failures,
    tail,
    outputPath: report.outputPath,
  };
}

/** How many things a failed check says are wrong: at least one, as it failed. */
export function countFailures(output: string): number {
  return Math.max(1, output.split('\n').filter((line) => failureLine.test(line)).length);
}

/** What a check came to, against its result on the base if it ran there. `failures` is 0 for exit status 0 alone. */
export function outcomeOf(failures: number, before: CheckResult | undefined): CheckResult['outcome'] {
  if (failures === 0) return 'passed';
  const failedBefore = before !== undefined && before.outcome !== 'passed';
  return failedBefore && failures <= before.failures ? 'no_worse' : 'failed';
}
