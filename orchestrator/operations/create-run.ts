import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../ipc/config.ts';
import type { EventOf, RunOptions } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';
import { nearest } from '../../ipc/nearest.ts';
import type { Plan } from '../../ipc/plan.ts';
import { flushFolder } from '../../state/open.ts';
import { runPaths } from '../../state/paths.ts';
import { createRunLog } from '../../state/run-log.ts';
import { loadConfig, withAsked } from '../config/config.ts';
import { untrustedNotes } from '../config/trust.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { knownSecrets } from '../environment/known-secrets.ts';
import { packageVersion } from '../environment/package-version.ts';
import type { Survey } from '../git/survey.ts';
import { withModels } from '../models/of-role.ts';
import { readPlanFile } from '../plans/plan-file.ts';
import { planFaults } from '../plans/plan-rules.ts';
import { scopesFromTop } from '../plans/plan-scopes.ts';
import { topsOf } from '../worktrees/follow-links.ts';

export type RunRequest = {
  directory: string;
  /** Null when a plan file gives it. */
  goal: string | null;
  planFile: string | null;
  /** No planner: the goal is one task, for one agent in a work tree of its own. */
  alone: boolean;
  options: RunOptions;
  called?: Called;
};

/** A person's settings for a run beside its goal: a name for it, and the role of its one agent. */
export type Called = { name?: string | undefined; role?: string | undefined };

/**
 * Checks everything else that a run needs and writes its first event, as `run`. Nothing is written before all checks
 * have passed, and nothing is ever written into the user's repository here. Throws Faults that say what to correct.
 */
export async function createRun(
  place: UserEnvironment,
  request: RunRequest,
  survey: Survey,
  run: string,
): Promise<string> {
  const { repository, identity } = survey;
  const { config: found, notes } = loadConfig(place.configFile, join(repository.root, 'agents.toml'));
  const config = withAsked(found, request.options);
  const { name, role } = request.called ?? {};
  requireRole(role, config);
  const plan = request.planFile === null ? null : checkedPlan(request.planFile, config, repository.root);
  const goal = (request.goal ?? plan?.goal ?? '').trim();
  if (goal === '')
    throw new Fault('usage', 'The goal is empty.', { advice: 'Say what to do: vtcode run --plan "rename a to b"' });
  const chosen = await withModels(config, place.environment, { mode: 'plan', goal });
  const alone = request.alone ? { plan: onePlan(goal, role ?? 'general') } : {};
  const created = {
    type: 'run.created' as const,
    goal,
    ...(name !== undefined && { name }),
    ...alone,
    ...(plan && { plan, planFile: resolve(request.planFile ?? '') }),
    repository: {
      ...repository,
      notes: [...repository.notes, ...notes, ...chosen.notes, ...untrustedNotes(place.configFile, repository.root)],
    },
    options: request.options,
    config: chosen.config,
    models: chosen.why,
    program: `vtcode ${packageVersion()}`,
    identity,
  };
  return writeFirst(place, run, created);
}

/** A role that a person names must exist, and must be able to work alone. */
export function requireRole(role: string | undefined, config: Config): void {
  const known = Object.keys(config.roles).filter((name) => !config.roles[name]?.tools.includes('propose_plan'));
  if (role === undefined || known.includes(role)) return;
  const meant = nearest(role, known);
  throw new Fault('usage', `There is no role '${role}' for an agent.`, {
    advice: meant ? `Did you mean ${meant}?` : `The roles: ${known.join(', ')}.`,
  });
}

/** The goal as a plan of one task that may write everything except the files that define the checks. */
function onePlan(goal: string, role: string): Plan {
  const [line = goal] = goal.split('\n');
  const title = line.length > 70 ? `${line.slice(0, 69)}…` : line;
  const task = { id: 'work', title, prompt: goal, role, after: [], scope: ['**'], checks: [], sites: [] };
  return { goal, summary: '', tasks: [task], checks: [], sites: [] };
}

function checkedPlan(file: string, config: EventOf<'run.created'>['config'], root: string): Plan {
  const read = readPlanFile(file);
  const plan = { ...read, tasks: scopesFromTop(read.tasks, topsOf(root)) };
  const names = [...plan.checks, ...config.checks.add].map((check) => check.name);
  // A plan without checks of its own gets the detected ones, whose names are known only later.
  const faults = planFaults(plan, config, names.length > 0 ? names : plan.tasks.flatMap((task) => task.checks));
  if (faults.length === 0) return plan;
  throw new Fault('plan_invalid', `${file}: ${faults.join(`\n${file}: `)}`, {
    advice: 'Mend the plan and run it again.',
  });
}

/** Writes the first event of `run`, durably. Throws state_unwritable; then no part of the run remains. */
export function writeFirst(
  place: UserEnvironment,
  run: string,
  created: Parameters<ReturnType<typeof createRunLog>['append']>[0][number],
): string {
  const paths = runPaths(place.state, run);
  try {
    mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
    const log = createRunLog(paths.log, run, knownSecrets(place.environment));
    chmodSync(paths.log, 0o600);
    log.own();
    log.append([created], { at: new Date().toISOString(), durable: true });
    log.close();
    flushFolder(dirname(paths.folder));
    return run;
  } catch (error) {
    try {
      rmSync(paths.folder, { recursive: true, force: true });
    } catch {
      // An unreadable folder holds nothing of ours; the first error says more.
    }
    if (error instanceof Fault) throw error;
    throw unwritable(place.state, error);
  }
}

/** One Fault for a state folder that cannot be written. */
export function unwritable(folder: string, cause: unknown): Fault {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Fault('state_unwritable', `The state folder ${folder} cannot be written (${why}).`, {
    cause,
    advice: 'Check its permissions and free space, or point XDG_STATE_HOME elsewhere.',
  });
}
