import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { toFault } from '../../ipc/fault.ts';
import type { Check, CheckResult } from '../../ipc/plan.ts';
import type { Redactor } from '../../ipc/redaction.ts';
import type { Hands, RunWish } from '../hands/hands.ts';
import { keepIn, keepOutput } from '../hands/kept-output.ts';
import { killsMax, wasKilled } from '../hands/was-killed.ts';
import { configuredPermit } from '../worktrees/configured-permit.ts';
import { privateFolders } from '../worktrees/private-home.ts';
import { type TreeAccess, treeOf } from '../worktrees/run-trees.ts';
import { treeHands } from '../worktrees/tree-hands.ts';
import { restoreFiles } from '../worktrees/worktree.ts';
import { judgeCheck } from './outcome.ts';

/** The parts that running checks needs: the check tree, its hands, and the redaction of outputs. */
export type ChecksAccess = TreeAccess & { redaction: Redactor };

/** The folders of a private home kept between checks: caches. A setting kept there could falsify a later check. */
const keptAtHome = ['.npm', '.cache'];

/**
 * Runs checks, one after another, in the check tree in its present state; before the next check, files of the commit
 * that a check changed are restored. `base`: the results on the run's base; a check that failed there counts as no
 * worse when it shows no more failures now.
 */
export async function runChecks(
  context: ChecksAccess,
  checks: Check[],
  base: CheckResult[],
  onStart: (name: string) => void = () => {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    if (results.length > 0) await restoreFiles(treeOf(context, 'check'));
    clearHome(privateFolders(context.paths.home, treeOf(context, 'check').name).home);
    onStart(check.name);
    results.push(await runCheck(context, check, base));
  }
  return results;
}

async function runCheck(context: ChecksAccess, check: Check, base: CheckResult[]): Promise<CheckResult> {
  const { limits } = context.state().created.config;
  const order = {
    command: check.command,
    directory: check.directory,
    timeoutMs: Math.min(check.timeoutMs, limits.check_seconds * 1000),
    environment: { CI: '1' },
    signal: context.signal,
    by: { agent: 'check', call: check.name },
  };
  const report = await runUnlessKilled(context, order);
  context.signal.throwIfAborted();
  const outputPath = keepOutput(report.outputPath, keepIn(context));
  // Colours are removed from the shown text, not forbidden to the command: tests of colours would fail.
  const tail = stripVTControlCharacters(report.tail);
  const { exitCode, timedOut, durationMs } = report;
  const before = base.find((result) => result.name === check.name);
  const shown = { output: tail, whole: !report.truncated };
  const { outcome, failures, tests, note } = judgeCheck({ exitCode, timedOut, ...shown }, before);
  const { name, command } = check;
  const told = note === null ? tail : `${tail.trimEnd()}\n${note}\n`;
  const counted = tests === null ? {} : { tests };
  return { name, command, outcome, exitCode, timedOut, durationMs, failures, ...counted, tail: told, outputPath };
}

function clearHome(home: string): void {
  if (!existsSync(home)) return;
  for (const name of readdirSync(home))
    if (!keptAtHome.includes(name)) rmSync(join(home, name), { recursive: true, force: true });
}

/**
 * A check that was killed, or whose hands were (for example by a machine without memory), says nothing about the work:
 * it is started again, until it was killed once too often.
 */
async function runUnlessKilled(context: ChecksAccess, order: RunWish): ReturnType<Hands['run']> {
  const permit = configuredPermit(context.state(), order, treeOf(context, 'check').path);
  const run = async () => (await treeHands(context, 'check', 'write')).run(permit, order);
  for (let left = killsMax; left > 0; left -= 1) {
    try {
      const report = await run();
      if (context.signal.aborted || !wasKilled(report)) return report;
    } catch (error) {
      if (context.signal.aborted || toFault(error).code !== 'process_failed') throw error;
    }
    await restoreFiles(treeOf(context, 'check'));
  }
  return run();
}
