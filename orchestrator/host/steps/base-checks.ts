import type { CheckResult } from '../../../ipc/plan.ts';
import { detectChecks } from '../../checks/detect.ts';
import type { ChecksAccess } from '../../checks/run-checks.ts';
import { runChecks } from '../../checks/run-checks.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';
import { readyTree } from '../../worktrees/ready-tree.ts';
import { setupWarnings } from '../../worktrees/run-trees.ts';

/**
 * Finds the run's checks in the base and runs each there once, to tell later failures from old ones; a dry run only
 * finds them.
 */
export const baseChecks: Step<
  'base_checks',
  ChecksAccess & Pick<RunAccess, 'note'> & { searchPath: string[] }
> = async (_act, context) => {
  const { created, phase } = context.state();
  const { config, options, plan } = created;
  if (options.checks === 'none') return [{ type: 'base.checked', checks: [], reasons: [], results: [], warnings: [] }];
  const tree = await readyTree(context, 'check', phase.context.base ?? created.repository.head);
  const detected = config.checks.detect ? detectChecks(tree.path, { searchPath: context.searchPath }) : [];
  const given = plan?.checks ?? [];
  // A saved plan holds the configured checks too; the plan's version of a check counts.
  const configured = [...given, ...config.checks.add.filter((added) => !given.some(({ name }) => name === added.name))];
  const names = new Set(configured.map((check) => check.name));
  const found = detected.filter(({ check }) => !names.has(check.name));
  const checks = [...configured, ...(given.length > 0 ? [] : found.map(({ check }) => check))];
  // A person who only wants to see the plan does not wait for checks of minutes.
  const asked = options.dryRun ? [] : checks;
  const results = await runChecks(context, asked, [], (name) =>
    context.note([{ type: 'check.started', subject: 'base', name }]),
  );
  const absent = results.filter(({ outcome }) => outcome === 'cannot_run').map(cannotRunWarning);
  return [
    {
      type: 'base.checked',
      checks,
      reasons: found.map(({ reason }) => reason),
      results,
      warnings: [...setupWarnings(context), ...absent],
    },
  ];
};

const cannotRunWarning = ({ name, tail }: CheckResult): string =>
  `The check ${name} ${/cannot run here: .*/.exec(tail)?.[0] ?? 'cannot run here.'} It decides nothing. ` +
  'Install the program for the project, or where all users have theirs (/usr/local), or change the check.';
