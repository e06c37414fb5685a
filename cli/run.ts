import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Fault } from '../ipc/fault.ts';
import { createRun, type RunRequest } from '../orchestrator/create-run.ts';
import { writePlanFile } from '../orchestrator/plan-file.ts';
import { readRun } from '../orchestrator/read-run.ts';
import type { Outcome, Session } from './session.ts';
import { workOnRun } from './work-on-run.ts';

type Options = {
  C: string;
  plan?: string | true;
  planFile?: string;
  savePlan?: string;
  yes?: boolean;
  dryRun?: boolean;
  checks: boolean;
  acceptUnplaced?: boolean;
  includeDirty?: boolean;
};

/** `vtcode run`: makes a run of the goal or the plan file and works on it here. */
export default async function run(session: Session, given: Record<string, unknown>, words: string[]): Promise<Outcome> {
  const options = given as Options;
  if (options.savePlan) requireFolderOf(options.savePlan);
  const created = await createRun(session.place, requestOf(options, words));
  const outcome = await workOnRun(session, created);
  if (options.savePlan) await savePlan(session, created, options.savePlan);
  return outcome;
}

function requestOf(options: Options, words: string[]): RunRequest {
  const said = [...(typeof options.plan === 'string' ? [options.plan] : []), ...words].filter(
    (word) => word.trim() !== '',
  );
  const goal = said[0] ?? null;
  if (said.length > 1)
    throw new Fault('usage', `One goal at a time: got ${said.map((word) => `'${word}'`).join(' and ')}.`, {
      advice: `Put the goal in quotes: vtcode run --plan "rename fetchUser to loadUser"`,
    });
  if (options.planFile !== undefined && goal !== null)
    throw new Fault('usage', 'A goal and --plan-file cannot be given together.', {
      advice: 'The plan file says the goal.',
    });
  if (options.planFile === undefined && (goal === null || options.plan === undefined))
    throw new Fault('usage', goal === null ? 'The goal is missing.' : 'A goal needs --plan.', {
      advice: 'Say: vtcode run --plan "rename fetchUser to loadUser"',
    });
  return {
    directory: options.C,
    goal,
    planFile: options.planFile ?? null,
    options: {
      accept: options.yes ? 'yes' : 'ask',
      dryRun: options.dryRun ?? false,
      checks: options.checks ? 'detected' : 'none',
      acceptUnplaced: options.acceptUnplaced ?? false,
      includeDirty: options.includeDirty ?? false,
    },
  };
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
