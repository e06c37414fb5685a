import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import { newRunId } from '../../ipc/ids.ts';
import { renameWords } from '../../ipc/mechanical.ts';
import { surveyRepository } from '../../orchestrator/git/survey.ts';
import type { RunRequest } from '../../orchestrator/operations/create-run.ts';
import { requireName } from '../../orchestrator/runs/find-run.ts';
import { offerTrust } from '../attached/offer-trust.ts';
import { type PermissionOptions, permissionsOf } from '../attached/permissions.ts';
import type { Outcome, Session } from '../session.ts';

type Options = {
  C: string;
  plan?: string | true;
  planFile?: string;
  savePlan?: string;
  yes?: boolean;
  dryRun?: boolean;
  checks: boolean;
  acceptUnplaced?: boolean;
  takeUnplaced?: boolean;
  text?: boolean;
  includeDirty?: boolean;
  worktree?: boolean;
  image?: string[];
  detach?: boolean;
  name?: string;
} & PermissionOptions;

/** `vtcode run`: makes a run of the goal or the plan file and works on it here; without a plan, by one agent. */
export default async function run(session: Session, given: Record<string, unknown>, words: string[]): Promise<Outcome> {
  const options = given as Options;
  if (options.savePlan) requireFolderOf(options.savePlan);
  if (options.savePlan && options.detach)
    throw new Fault('usage', '--save-plan needs a command that waits for the plan.', {
      advice: 'Leave out --detach: vtcode run --plan "…" --dry-run --save-plan <file>',
    });
  requireName(options.name);
  const request = requestOf(options, words);
  if (!options.yes && !options.detach) await offerTrust(session, options.C);
  if (!request.alone || options.worktree) {
    if (options.image)
      throw new Fault('usage', '--image is for one agent in the folder itself.', {
        advice: 'Leave out --plan and --worktree.',
      });
    return workPlan(session, request, options);
  }
  refusePlanOptions(options);
  const { createLoneRun } = await import('../../orchestrator/operations/create-lone-run.ts');
  const { workOnRun } = await import('../attached/work-on-run.ts');
  const created = await createLoneRun(session.place, {
    ...{ directory: options.C, mode: 'work' as const, goal: request.goal ?? '', images: options.image ?? [] },
    options: { ...permissionsOf(options), ...(options.detach && { detached: true }) },
    called: { name: options.name },
  });
  return options.detach ? detach(session, created) : workOnRun(session, created, 'work', true);
}

async function workPlan(session: Session, request: RunRequest, options: Options): Promise<Outcome> {
  // Git looks at the repository while the rest is loaded.
  const [survey, { createRun }, { workOnRun }] = await Promise.all([
    surveyRepository(session.place, request.directory, request.options),
    import('../../orchestrator/operations/create-run.ts'),
    import('../attached/work-on-run.ts'),
  ]);
  const created = await createRun(session.place, request, survey, session.early?.run ?? newRunId());
  if (options.detach) return detach(session, created);
  const outcome = await workOnRun(session, created, 'plan', true);
  if (options.savePlan) await savePlan(session, created, options.savePlan);
  return outcome;
}

function requestOf(options: Options, words: string[]): RunRequest {
  const said = [...(typeof options.plan === 'string' ? [options.plan] : []), ...words].filter(
    (word) => word.trim() !== '',
  );
  const more = [options.text && renameWords.text, options.takeUnplaced && renameWords.takeUnplaced];
  const goal = said[0] === undefined ? null : [said[0], ...more.filter((words) => words)].join(', ');
  if (said.length > 1)
    throw new Fault('usage', `One goal at a time: got ${said.map((word) => `'${word}'`).join(' and ')}.`, {
      advice: `Put the goal in quotes: vtcode run --plan "rename fetchUser to loadUser"`,
    });
  if (options.planFile !== undefined && goal !== null)
    throw new Fault('usage', 'A goal and --plan-file cannot be given together.', {
      advice: 'The plan file says the goal.',
    });
  if (options.planFile !== undefined && (options.text || options.takeUnplaced))
    throw new Fault('usage', '--text and --take-unplaced are for a goal.', {
      advice: `In a plan file, write it in the task's prompt: "rename a to b, ${renameWords.text}".`,
    });
  if (options.planFile === undefined && goal === null)
    throw new Fault('usage', 'The goal is missing.', {
      advice: 'Say: vtcode run --plan "rename fetchUser to loadUser"',
    });
  const alone = options.planFile === undefined && options.plan === undefined;
  if (options.readOnly && (!alone || options.worktree))
    throw new Fault('usage', 'A run that makes a branch has to write.', {
      advice: 'Leave out --read-only; nothing of yours is written before vtcode apply. To look only: vtcode ask "…"',
    });
  return {
    directory: options.C,
    goal,
    planFile: options.planFile ?? null,
    alone,
    called: { name: options.name },
    options: {
      mode: 'plan',
      // A goal for one agent has no plan that could be looked at.
      accept: options.yes || alone ? 'yes' : 'ask',
      dryRun: options.dryRun ?? false,
      checks: options.checks ? 'detected' : 'none',
      acceptUnplaced: options.acceptUnplaced ?? false,
      includeDirty: options.includeDirty ?? false,
      ...permissionsOf(options),
      ...(options.detach && { detached: true }),
    },
  };
}

async function detach(session: Session, run: string): Promise<Outcome> {
  const { sendToBackground } = await import('../attached/background.ts');
  return sendToBackground(session, run);
}

/** Options that only make sense with a plan are refused without `--plan`. */
function refusePlanOptions(options: Options): void {
  const given = [
    options.savePlan !== undefined && '--save-plan',
    options.dryRun && '--dry-run',
    !options.checks && '--no-checks',
    options.acceptUnplaced && '--accept-unplaced',
    options.takeUnplaced && '--take-unplaced',
    options.text && '--text',
    options.includeDirty && '--include-dirty',
  ].find((name) => typeof name === 'string');
  if (given === undefined) return;
  throw new Fault('usage', `${given} is for runs with a plan, or with --worktree.`, {
    advice: 'Say: vtcode run --plan "…", or leave it out: one agent then works in the folder itself.',
  });
}

/** Before hours of work, not after them. */
function requireFolderOf(file: string): void {
  const folder = dirname(resolve(file));
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  throw new Fault('usage', `The plan cannot be written to ${file}: ${folder} is not a folder.`, {
    advice: 'Name a file in a folder that exists.',
  });
}

async function savePlan(session: Session, run: string, file: string): Promise<void> {
  const { readRun } = await import('../../orchestrator/runs/read-run.ts');
  const { writePlanFile } = await import('../../orchestrator/plans/plan-file.ts');
  const { state } = await readRun(session.place, run);
  const { plan } = state.phase.context;
  if (!plan) return;
  try {
    writeFileSync(file, writePlanFile(plan));
  } catch (cause) {
    throw new Fault('usage', `The plan cannot be written to ${file}: ${(cause as Error).message}`, {
      cause,
      advice: 'Name a file in a folder that exists.',
    });
  }
  session.say(`Plan saved to ${file}. Edit it, then: vtcode run --plan-file ${file}`);
}
