import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import { newRunId } from '../../ipc/ids.ts';
import { surveyRepository } from '../../orchestrator/git/survey.ts';
import { createLoneRun } from '../../orchestrator/operations/create-lone-run.ts';
import { createRun } from '../../orchestrator/operations/create-run.ts';
import { writePlanFile } from '../../orchestrator/plans/plan-file.ts';
import { startDetachedHost } from '../../orchestrator/runs/detach.ts';
import { stateOf } from '../../orchestrator/runs/read-run.ts';
import type { RunState } from '../../state/run-state.ts';
import { runAtTerminal } from '../../supervisor/foreground.ts';
import { type ChatApp, permissionsIn, type Talk } from './app.ts';
import { beginAside } from './side-runs.ts';
import { remark } from './transcript.ts';

/** Work that a conversation gives away: plans, and agents of their own in the background. */

export async function startPlan(
  app: ChatApp,
  talk: Talk,
  { goal, planFile }: { goal: string | null; planFile: string | null },
): Promise<void> {
  const { place, folder } = app.options;
  const permissions = permissionsIn(app);
  if (permissions === 'read_only')
    throw new Fault('usage', 'This conversation only reads, and a plan makes a branch.', {
      advice: 'Begin another: vtcode chat',
    });
  const wanted = {
    ...{ mode: 'plan' as const, accept: 'ask' as const, dryRun: false, checks: 'detected' as const, detached: true },
    ...{ acceptUnplaced: false, includeDirty: false },
    ...(permissions === 'auto' && { permissions }),
  };
  const survey = await surveyRepository(place, folder, wanted);
  const request = { directory: folder, goal, planFile, alone: false, options: wanted };
  const run = await createRun(place, request, survey, newRunId());
  await startDetachedHost(place, run);
  await beginAside(app, talk, run, goal ?? 'an edited plan');
}

/** Gives words to an agent of its own, which goes on when this screen is left. */
export async function toBackground(app: ChatApp, goal: string, talk: Talk): Promise<void> {
  const { place, folder } = app.options;
  const permissions = permissionsIn(app);
  const mode = permissions === 'read_only' ? ('ask' as const) : ('work' as const);
  const options = { detached: true, ...(permissions === 'auto' && { permissions }) };
  const run = await createLoneRun(place, { directory: folder, mode, goal, images: [], options });
  await startDetachedHost(place, run);
  await beginAside(app, talk, run, goal);
}

/** Carries out the answer to a plan that waits. False: the words were no answer. */
export async function answerPlan(app: ChatApp, run: string, said: string, talk: Talk): Promise<boolean> {
  const word = said.toLowerCase();
  if (/^y(es)?$/.test(word)) {
    remark(app.transcript, (await app.options.obey({ command: 'approve', words: [run], options: {} })).join(' '));
    return true;
  }
  const no = /^(?:n|no)\b[\s,.:;-]*(.*)$/is.exec(said);
  if (!no && !/^e(dit)?$/.test(word)) return false;
  const edited = no ? null : await editPlan(app, stateOf(app.options.place, run));
  if (!no && edited === null) {
    remark(app.transcript, 'The plan is as it was, and still waits.');
    return true;
  }
  await app.options.obey({ command: 'approve', words: [run], options: { decline: true } });
  if (edited === null) remark(app.transcript, `${run} was declined.`);
  else
    try {
      await startPlan(app, talk, { goal: null, planFile: edited });
    } finally {
      rmSync(join(edited, '..'), { recursive: true, force: true });
    }
  return true;
}

/** Has the plan edited; the path of the new one, or null when nothing was changed. */
async function editPlan({ options, screen }: ChatApp, state: RunState): Promise<string | null> {
  const { plan: proposed } = state.phase.context;
  const { environment } = options.place;
  if (!proposed || !screen) return null;
  const folder = mkdtempSync(join(tmpdir(), 'vtcode-plan-'));
  const file = join(folder, 'plan.toml');
  const text = writePlanFile(proposed);
  writeFileSync(file, text, { mode: 0o600 });
  const editor = environment.VISUAL || environment.EDITOR || 'vi';
  await screen.lend(() => runAtTerminal(['sh', '-c', `${editor} "$1"`, 'sh', file], environment));
  if (readFileSync(file, 'utf8') !== text) return file;
  rmSync(folder, { recursive: true, force: true });
  return null;
}
