import type { AssistantMessage, Usage } from '../../ipc/message.ts';
import type { FailureKind, ModelEvent, ModelRequest, Provider } from '../../ipc/model.ts';
import { perform } from './coder.ts';
import { plan } from './planner.ts';
import { replay } from './script.ts';

/**
 * The embedded model: a rule-based provider that needs no key and no network. It plans and performs mechanical changes
 * by calling tools, like every model. It keeps nothing between requests: each one is answered from its conversation
 * alone, so the same conversation gets the same answer, on any machine and after any restart.
 *
 * A conversation whose tools include `propose_plan` is a planner's, any other one a coder's; its first user message is
 * the goal or the task's prompt.
 */
export function embedded(): Provider {
  return {
    async *stream(request, signal) {
      yield* signal.aborted ? [aborted] : answer(request);
    },
  };
}

const nothingSpent: Usage = { inputTokens: 0, outputTokens: 0, usd: 0 };
const aborted = failure('ended', 'The call was ended.');

function failure(kind: FailureKind, reason: string): ModelEvent {
  return { type: 'failure', failure: { kind, reason, status: null, retryAfterMs: null } };
}

function answer(request: ModelRequest): ModelEvent[] {
  const goal = request.messages.find((one) => one.role === 'user')?.text ?? '';
  const plans = request.tools.some((tool) => tool.name === 'propose_plan');
  try {
    const next = replay(plans ? plan(goal) : perform(goal), request.messages);
    const text = next ? (next.step.text ?? '') : 'There is nothing more to do.';
    const calls = next ? [{ id: next.id, name: next.step.tool, arguments: next.step.arguments }] : [];
    const message: AssistantMessage = { role: 'assistant', text, calls };
    const spoken: ModelEvent[] = text === '' ? [] : [{ type: 'text.delta', text }];
    return [...spoken, { type: 'end', message, usage: nothingSpent, stop: calls.length > 0 ? 'calls' : 'done' }];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [failure('request', `The embedded model failed: ${reason}`)];
  }
}
