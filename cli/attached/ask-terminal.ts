import { createInterface } from 'node:readline/promises';
import type { Answer } from '../../ipc/approval.ts';
import type { Event, EventBody, EventOf } from '../../ipc/events.ts';
import { addStandingRule } from '../../orchestrator/config/standing-rules.ts';
import type { OwnedRun } from '../../orchestrator/host/run-host.ts';
import { answerOf, choices, questionLines } from '../../tui/text/question.ts';
import type { CommandProcess, Session } from '../session.ts';

/**
 * Asks once; anything but a yes or a no leaves the run waiting, to be answered later. `answered` takes the question
 * back: another process has answered it.
 */
export async function askPlan(
  owned: OwnedRun,
  answered: AbortSignal,
  { stdin, stdout }: CommandProcess,
): Promise<EventBody | null> {
  const terminal = createInterface({ input: stdin, output: stdout });
  owned.loop.signal.addEventListener('abort', () => terminal.close(), { once: true });
  terminal.on('SIGINT', () => owned.loop.stop({ kind: 'stopped', reason: 'interrupted', exitCode: 130 }));
  try {
    const said = (await terminal.question('\nRun this plan? [y]es, [n]o, anything else: later  ', { signal: answered }))
      .trim()
      .toLowerCase();
    if (/^y(es)?$/.test(said)) return { type: 'plan.accepted', by: 'terminal', dropChecks: [] };
    if (/^no?$/.test(said)) return { type: 'plan.declined', by: 'terminal', reason: 'declined at the terminal' };
    return null;
  } catch {
    return null; // the terminal went away: the run waits
  } finally {
    terminal.close();
  }
}

/** Asks about waiting calls one after the other. A question that another process answers is withdrawn. */
export type ApprovalQuestions = {
  ask(asked: EventOf<'approval.requested'>): void;
  heard(events: Event[]): void;
  end(): void;
};

/** `hold` keeps others from drawing over a question. */
export function approvalQuestions(
  session: Session,
  owned: () => OwnedRun,
  hold: (on: boolean) => void,
): ApprovalQuestions {
  const open = new Map<string, AbortController>();
  let last = Promise.resolve();
  const askOne = async (asked: EventOf<'approval.requested'>, taken: AbortSignal) => {
    if (taken.aborted) return;
    hold(true);
    session.say('', ...questionLines(asked, null));
    const said = await answerTo(asked, taken, owned(), session.process).finally(() => hold(false));
    if (!said || taken.aborted) return;
    const counts = owned().context.answer(said, 'terminal');
    if (!counts || said.scope !== 'always' || asked.pattern === undefined) return;
    session.say(`  kept in ${addStandingRule(session.place.configFile, asked.pattern)}`);
  };
  return {
    ask(asked) {
      const taken = new AbortController();
      open.set(asked.approval, taken);
      last = last.then(() => askOne(asked, taken.signal)).catch(() => {}); // a terminal that went away asks nothing
    },
    heard(events) {
      for (const event of events) if (event.type === 'approval.answered') open.get(event.approval)?.abort();
    },
    end() {
      for (const taken of open.values()) taken.abort();
    },
  };
}

/** Null: no answer yet; another process may give it later. */
async function answerTo(
  asked: EventOf<'approval.requested'>,
  taken: AbortSignal,
  owned: OwnedRun,
  { stdin, stdout }: CommandProcess,
): Promise<Answer | null> {
  const terminal = createInterface({ input: stdin, output: stdout });
  terminal.on('SIGINT', () => owned.loop.stop({ kind: 'stopped', reason: 'interrupted', exitCode: 130 }));
  try {
    return answerOf(asked, await terminal.question(choices(asked, 'later'), { signal: taken }));
  } finally {
    terminal.close();
  }
}
