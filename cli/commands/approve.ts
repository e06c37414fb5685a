import { type ApprovalScope, approvalScope } from '../../ipc/approval.ts';
import { Fault } from '../../ipc/fault.ts';
import { appendSoon } from '../../orchestrator/runs/append-as-owner.ts';
import { type Found, findApproval } from '../../orchestrator/runs/find-approval.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import { questionLines } from '../../tui/text/question.ts';
import { goOn } from '../attached/go-on.ts';
import { summaryText } from '../attached/summary-text.ts';
import { workOnRun } from '../attached/work-on-run.ts';
import type { Outcome, Session } from '../session.ts';
import { answerApproval, approvalMeant } from './answer.ts';

/**
 * `vtcode approve`: allows a call that waits, or accepts (or declines) a waiting plan. A host that waits at a terminal is told; without one, this
 * process takes the run over and works on it.
 */
export default async function approve(
  session: Session,
  options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const wanted = words[0] ?? '';
  const found = approvalMeant(session, wanted);
  if (found && options.decline) return answerApproval(session, found, { answer: 'deny', scope: 'once' });
  if (found) {
    requireSeen(session, found, wanted);
    return answerApproval(session, found, { answer: 'allow', scope: scopeOf(options.for) });
  }
  if (options.for !== undefined)
    throw new Fault('usage', `Nothing of ${wanted} waits that --for could be said of.`, {
      advice: 'vtcode approvals shows what waits.',
    });
  const run = requireRun(session.place, wanted);
  const { manifest, live } = await readRun(session.place, run);
  if (manifest.state !== 'waiting')
    throw new Fault('usage', `Run ${run} does not wait for an answer: it is ${manifest.state}.`, {
      advice: `vtcode show ${run} says more.`,
    });
  const command = options.decline ? 'decline' : 'approve';
  if (live) {
    const log = openRunLog(runPaths(session.place.state, run).log, run);
    log.say(command, '', 'vtcode approve', new Date().toISOString());
    log.close();
    session.say(`Told the host of ${run}: ${command}.`);
    return { exitCode: 0, run, seq: manifest.events, manifest };
  }
  if (options.decline) return decline(session, run);
  return goOn(session, run, { accept: true });
}

/** A run may ask for something else by now than a person has read: what is allowed is named by its own id. */
function requireSeen(session: Session, { asked, run }: Found, wanted: string): void {
  if (findApproval(session.place, wanted)) return;
  session.say(...questionLines(asked, run), '');
  throw new Fault('usage', `${wanted} names a run, and a call is allowed by its own id: ${asked.approval}.`, {
    advice: `When you have read what it would do: vtcode approve ${asked.approval}`,
  });
}

function scopeOf(wanted: unknown): ApprovalScope {
  const scope = approvalScope.safeParse(wanted ?? 'once');
  if (scope.success) return scope.data;
  throw new Fault('usage', `--for ${String(wanted)} is no scope.`, { advice: 'Say once, task, run or always.' });
}

async function decline(session: Session, run: string): Promise<Outcome> {
  await appendSoon(session.place, run, () => [{ type: 'plan.declined', by: 'vtcode approve', reason: 'declined' }]);
  const outcome = await workOnRun({ ...session, say: () => {} }, run);
  if (outcome.manifest) session.say(...summaryText(outcome.manifest));
  return { ...outcome, exitCode: 0 };
}
