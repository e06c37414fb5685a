import type { Plan, Site, Task } from '../../../ipc/plan.ts';
import { inScope } from '../../../security/paths/scope.ts';
import type { RunState } from '../../../state/run-state.ts';
import { proposePlan } from '../../../tools/contracts/propose-plan.ts';
import type { ModelChains } from '../../models/chains.ts';
import { estimateOf } from '../../plans/estimate.ts';
import { planFaults } from '../../plans/plan-rules.ts';
import { planTops, scopesFromTop } from '../../plans/plan-scopes.ts';
import type { RunAccess } from '../../runs/run-access.ts';
import type { Step } from '../../schedule/due.ts';

/** Makes the plan from the planner's or the person's tasks, the checks found, the sites, and the estimated cost. */
export const propose: Step<
  'propose',
  Pick<RunAccess, 'run' | 'paths' | 'state'> & { models: Pick<ModelChains, 'chainOf'> }
> = async (_act, context) => {
  const state = context.state();
  const checks = state.baseChecked?.checks ?? [];
  const given = state.created.plan;
  const base = given ?? draftedPlan(state, planTops(context));
  const plan = { ...base, checks };
  const names = checks.map((check) => check.name);
  const faults = planFaults(plan, state.created.config, names);
  if (faults.length > 0)
    return [
      {
        type: 'plan.declined',
        by: 'vtcode',
        reason: `The plan cannot be run: ${faults.join('; ')}`,
        code: 'plan_invalid',
      },
    ];
  const checkMs = (state.baseChecked?.results ?? []).reduce((sum, result) => sum + result.durationMs, 0);
  const estimate = estimateOf(plan, (role) => context.models.chainOf(role)[0], checkMs);
  return [{ type: 'plan.proposed', plan: { ...plan, estimate } }];
};

function draftedPlan(state: RunState, tops: string[]): Plan {
  const draft = proposePlan.arguments.parse(state.draft);
  const sites = draft.sites_from.flatMap(
    (call) => (state.dryRuns.get(call) as { sites?: Site[] } | undefined)?.sites ?? [],
  );
  const targets = sites.filter((site) => site.placement === 'target');
  const tasks: Task[] = scopesFromTop(draft.tasks, tops).map((task) => ({ ...task, checks: [], sites: [] }));
  // Scopes can be wide: each site goes to the first task that may write its file.
  for (const site of targets) tasks.find((task) => inScope(site.path, task.scope))?.sites.push(site);
  return {
    goal: state.created.goal,
    summary: draft.summary,
    tasks,
    checks: [],
    sites: sites.filter((site) => site.placement !== 'target'),
  };
}
