import { Fault } from '../../ipc/fault.ts';
import { newRunId } from '../../ipc/ids.ts';
import { surveyRepository } from '../../orchestrator/git/survey.ts';
import { createLoneRun } from '../../orchestrator/operations/create-lone-run.ts';
import { createRun } from '../../orchestrator/operations/create-run.ts';
import { requireName } from '../../orchestrator/runs/find-run.ts';
import { sendToBackground } from '../attached/background.ts';
import type { Outcome, Session } from '../session.ts';

type Options = {
  C: string;
  name?: string;
  worktree?: boolean;
  readOnly?: boolean;
  auto?: boolean;
  usd?: string;
  deadline?: string;
};

/** `vtcode agent start <role> "<prompt>"`: one agent at work in the background, in the folder or in a work tree of its own. */
export default async function agent(
  session: Session,
  given: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const options = given as Options;
  const [, role, goal = '', ...more] = words;
  if (more.length > 0 || goal.trim() === '')
    throw new Fault('usage', goal.trim() === '' ? 'The prompt is missing.' : 'One prompt at a time.', {
      advice: `Put it in quotes: vtcode agent start coder "port the parser tests to node:test"`,
    });
  if (options.worktree && options.readOnly)
    throw new Fault('usage', 'An agent that only reads needs no work tree.', {
      advice: 'Leave out --worktree or --read-only.',
    });
  requireName(options.name);
  const asked = {
    detached: true,
    ...(options.auto && { permissions: 'auto' as const }),
    ...(options.usd !== undefined && { usd: dollars(options.usd) }),
    ...(options.deadline !== undefined && { deadline: new Date(Date.now() + span(options.deadline)).toISOString() }),
  };
  const called = { name: options.name, role };
  if (options.worktree) return sendToBackground(session, await inWorktree(session, options.C, goal, asked, called));
  const mode = options.readOnly ? ('ask' as const) : ('work' as const);
  const request = { directory: options.C, mode, goal, images: [], options: asked, called };
  return sendToBackground(session, await createLoneRun(session.place, request));
}

async function inWorktree(
  session: Session,
  directory: string,
  goal: string,
  asked: { detached: boolean; permissions?: 'auto'; usd?: number; deadline?: string },
  called: { name: string | undefined; role: string | undefined },
): Promise<string> {
  const options = {
    ...{ mode: 'plan' as const, accept: 'yes' as const, dryRun: false, checks: 'detected' as const },
    ...{ acceptUnplaced: false, includeDirty: false },
    ...asked,
  };
  const survey = await surveyRepository(session.place, directory, options);
  const request = { directory, goal, planFile: null, alone: true, options, called };
  return createRun(session.place, request, survey, newRunId());
}

function dollars(text: string): number {
  const amount = Number(text);
  if (Number.isFinite(amount) && amount > 0) return amount;
  throw new Fault('usage', `--usd ${text} is no amount of dollars.`, { advice: 'Say for example: --usd 2' });
}

const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time span in milliseconds: a number and s, m, h or d. */
function span(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const ms = Number(amount) * (units[unit ?? ''] ?? Number.NaN);
  if (ms > 0) return ms;
  throw new Fault('usage', `--deadline ${text} is no time span.`, { advice: 'Say for example: --deadline 2h' });
}
