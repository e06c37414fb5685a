import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { planText, sitesText } from '../../tui/text/plan-text.ts';
import { summaryText } from '../attached/summary-text.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode show`: the plan and what became of it; with `--sites` every place that it looked at; with `--json` the manifest and the plan with every site. */
export default async function show(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const { state, manifest, broken } = await readRun(session.place, requireRun(session.place, words[0] ?? ''), {
    audit: true,
  });
  session.emit({ ...manifest, plan: state.phase.context.plan, logConsistent: broken === null });
  const { plan } = state.phase.context;
  if (options.sites) {
    session.say(...(plan ? sitesText(plan) : ['There is no plan yet.']));
    return { exitCode: 0, run: manifest.run, manifest };
  }
  if (plan) session.say(...planText(state));
  session.say(...summaryText(manifest));
  if (broken !== null) session.warn(`The log is not consistent from event ${broken} on: it was changed from outside.`);
  return { exitCode: 0, run: manifest.run, manifest };
}
