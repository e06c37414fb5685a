import { readAnswer } from '../../ipc/approval.ts';
import { readTold } from '../../ipc/commands.ts';
import type { RunLog } from '../../state/run-log.ts';
import { tell } from '../agent-runs/messages.ts';
import { isCalling } from '../governor/governor.ts';
import { type Act, due } from '../schedule/due.ts';
import type { HostContext } from './context.ts';
import type { Loop } from './loop.ts';

/** How long a draining host may wait for open work before it stops anyway, in milliseconds. */
const drainMsMax = 5 * 60_000;
/** How often a draining host checks whether the work has finished, in milliseconds. */
const lookEveryMs = 50;

/**
 * Takes the commands that other processes gave to the run. A person's commands are written durably: the person is told
 * that they count.
 *
 * - `say`: a message to an agent (ipc/commands.ts).
 * - `stop`, `pause`: the host ends, and no other is started. With the argument `drain` it first lets open model calls
 *   and tools finish.
 * - `approve`, `decline`: a person's answer to the plan. The first one counts.
 * - `answer`: a person's answer to an approval (ipc/approval.ts). The first one counts.
 */
export function obey(loop: Loop, log: RunLog, context: HostContext): void {
  for (const { command, argument, by } of log.takeCommands()) {
    loop.note([{ type: 'command.received', command, by }]);
    const proposed = loop.state().phase.value === 'proposed';
    const words = command === 'say' ? readTold(argument) : null;
    // A stopping host did not write the message into the log, and the sender is told so.
    if (words) void tell(context, words.agent, words.text, by).catch(() => {});
    const answer = command === 'answer' ? readAnswer(argument) : null;
    if (answer) context.answer(answer, by);
    if (command === 'stop' || command === 'pause') void end(loop, context, command, argument === 'drain', by);
    if (command === 'approve' && proposed)
      loop.note([{ type: 'plan.accepted', by, dropChecks: [] }], { durable: true });
    if (command === 'decline' && proposed)
      loop.note([{ type: 'plan.declined', by, reason: `declined by ${by}` }], { durable: true });
  }
}

/** The stop is written first, so that no host is started again if this one is killed while it drains. */
async function end(loop: Loop, context: HostContext, command: 'stop' | 'pause', drain: boolean, by: string) {
  const [intent, word] = command === 'stop' ? (['stopped', 'stopped'] as const) : (['paused', 'paused'] as const);
  try {
    await loop.record([{ type: 'run.intended', intent, by }], { durable: true });
  } catch {
    return; // it already stops for another reason; the sender writes the wish when this host is gone
  }
  if (drain) await drained(loop, context);
  loop.stop({ kind: 'stopped', reason: `${word} by ${by}`, exitCode: 130 });
}

/** Grants no new model call, and resolves when the open work has finished, or after the longest time allowed. */
async function drained(loop: Loop, context: HostContext): Promise<void> {
  context.governor.drains = true;
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => {
    const isBusy = isCalling(context.governor) || due(loop.state()).some(({ kind }) => !repeatable.has(kind));
    if (!isBusy || loop.signal.aborted) resolve();
  };
  const looks = setInterval(look, lookEveryMs);
  const late = setTimeout(resolve, drainMsMax);
  look();
  await promise;
  clearInterval(looks);
  clearTimeout(late);
}

/** Acts that can be cut off without loss: an agent without a call only waits, and checks run again from the start. */
const repeatable: ReadonlySet<Act['kind']> = new Set(['agent', 'check', 'base_checks']);
