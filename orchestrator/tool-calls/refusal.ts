import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasPlan, rootOf } from '../../ipc/run-kind.ts';
import type { Judged } from '../../security/judge.ts';
import type { Verdict } from '../../security/verdict.ts';
import { workspaceOf } from '../worktrees/agent-hands.ts';
import type { TreeAccess } from '../worktrees/run-trees.ts';
import { denied, type Finished } from './answer.ts';
import { nextStep, type RefusedBy, type StepFacts, twinInside } from './next-step.ts';

/**
 * A call that is not carried out: the reason, as the person sees it too, and the next step below it. `judged`: the
 * effects of the call; `rule`: what the record names.
 */
export function refusal(
  agent: string,
  { text, rule, by }: { text: string; rule: string; by: RefusedBy },
  verdict: Verdict,
  judged: readonly Judged[],
  context: Pick<TreeAccess, 'state' | 'paths' | 'git' | 'run'>,
): Finished {
  const state = context.state();
  const { options, config } = state.created;
  const facts: StepFacts = {
    hosts: config.network.allow,
    scope: hasPlan(options) ? (state.tasks.get(rootOf(agent))?.context.task.scope ?? null) : null,
    twin: verdict.kind === 'outside' ? twinOf(judged, workspaceOf(context, agent)) : null,
  };
  return denied(`${text}\n${nextStep(verdict, by, facts)}`, rule);
}

function twinOf(judged: readonly Judged[], workspace: string): string | null {
  const paths = judged.flatMap(({ effect, reads }) => ('path' in effect ? [effect.path] : reads));
  const outside = paths.find((path) => /^[/~]/.test(path) || path.split('/').includes('..'));
  return outside === undefined ? null : twinInside(outside, (relative) => existsSync(join(workspace, relative)));
}
