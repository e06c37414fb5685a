import { stripVTControlCharacters } from 'node:util';
import type { CheckResult } from '../ipc/events.ts';
import { toFault } from '../ipc/fault.ts';
import type { RanReport } from '../ipc/hands-protocol.ts';
import type { Check } from '../ipc/plan.ts';
import type { HostContext } from './context.ts';
import type { RunWish } from './hands.ts';
import { handsFor, treeOf } from './trees.ts';
import { restoreFiles } from './workspace.ts';

/** Lines that a type checker, linter or test runner prints for each thing that is wrong. */
const failureLine =
  /(\berror TS\d+|^\s*not ok\b|^\s*(✖|✗|✘|×)\s|^\s*(FAIL|FAILED|ERROR)\b|^\s*\d+\) |\berror\b.*:\d+|:\d+:\d+:?\s+error\b|^--- FAIL)/;

/**
 * Runs checks, one after another, in the check tree as it lies; what one changed of the commit's files is put back before
 * the next. `base`: their results on the run's base; a check that failed there counts as no worse when it shows no more
 * failures now.
 */
export async function runChecks(
  context: HostContext,
  checks: Check[],
  base: CheckResult[],
  onStart: (name: string) => void = () => {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    if (results.length > 0) await restoreFiles(treeOf(context, 'check'));
    onStart(check.name);
    results.push(await runCheck(context, check, base));
  }
  return results;
}

async function runCheck(context: HostContext, check: Check, base: CheckResult[]): Promise<CheckResult> {
  const { limits } = context.state().created.config;
  const order = {
    command: check.command,
    directory: check.directory,
    timeoutMs: Math.min(check.timeoutMs, limits.check_seconds * 1000),
    environment: { CI: '1' },
    signal: context.signal,
  };
  const report = await runTwiceAtMost(context, order);
  context.signal.throwIfAborted();
  // Colours are taken out of what is shown, not forbidden to the command: tests of colours would fail.
  const tail = stripVTControlCharacters(report.tail);
  const { exitCode, timedOut, durationMs, outputPath } = report;
  // One that is told to end at its deadline may well say that all is fine.
  const failures = exitCode === 0 && !timedOut ? 0 : countFailures(tail);
  const before = base.find((result) => result.name === check.name);
  const outcome = outcomeOf({ exitCode, timedOut, failures }, before);
  const { name, command } = check;
  return { name, command, outcome, exitCode, timedOut, durationMs, failures, tail, outputPath };
}

/** Hands that die under a check, of a machine without memory say, say nothing about it: it is begun once more. */
async function runTwiceAtMost(context: HostContext, order: RunWish): Promise<RanReport> {
  try {
    return await (await handsFor(context, 'check', 'write')).run(order);
  } catch (error) {
    if (context.signal.aborted || toFault(error).code !== 'process_failed') throw error;
    await restoreFiles(treeOf(context, 'check'));
    return (await handsFor(context, 'check', 'write')).run(order);
  }
}

/** How many things a failed check says are wrong: at least one, as it failed. */
export function countFailures(output: string): number {
  return Math.max(1, output.split('\n').filter((line) => failureLine.test(line)).length);
}

type Ended = Pick<CheckResult, 'exitCode' | 'timedOut' | 'failures'>;

/** What a check came to, against its result on the base if it ran there. `failures` is 0 for one that passed alone. */
export function outcomeOf(now: Ended, before: CheckResult | undefined): CheckResult['outcome'] {
  if (now.failures === 0) return 'passed';
  if (before === undefined || before.outcome === 'passed') return 'failed';
  // Cut short it shows fewer failures than there are.
  if (isCutShort(now) && !isCutShort(before)) return 'failed';
  return now.failures <= before.failures ? 'no_worse' : 'failed';
}

/** Whether it was ended instead of ending: at its deadline or by a signal, which a shell tells by a code above 128. */
function isCutShort({ exitCode, timedOut }: Ended): boolean {
  return timedOut || exitCode === null || exitCode > 128;
}
