import type { Message } from '../../ipc/message.ts';

/** One step: the tool to call next, and what is said with it. */
export type Step = { tool: string; arguments: unknown; text?: string };

/**
 * The answer to a step: the tool's text, or, where the tool answered nothing (finish, propose_plan), the next words of
 * a person or the host. `said` holds every user message between this step and the next.
 */
export type Answer = { text: string; isError: boolean; said: string[] };

/** A generator of steps. It is replayed from its beginning for every request, so it must depend on answers only. */
export type Script = Generator<Step, unknown, Answer>;

/** The model's next step: the first without an answer, under its deterministic id; undefined when it is done. */
export type Next = { id: string; step: Step } | undefined;

/** Replays `script` over the conversation. Pure: the same messages give the same next step. */
export function replay(script: Script, messages: Message[]): Next {
  let next = script.next();
  for (let number = 1; !next.done; number++) {
    const id = `call_${number}`;
    const answer = answerTo(id, messages);
    if (!answer) return { id, step: next.value };
    next = script.next(answer);
  }
  return undefined;
}

function answerTo(id: string, messages: Message[]): Answer | undefined {
  const asked = messages.findIndex((one) => one.role === 'assistant' && one.calls.some((call) => call.id === id));
  if (asked === -1) return undefined;
  const later = messages.slice(asked + 1);
  const nextTurn = later.findIndex((one) => one.role === 'assistant');
  const turn = nextTurn === -1 ? later : later.slice(0, nextTurn);
  const said = turn.flatMap((one) => (one.role === 'user' ? [one.text] : []));
  const result = turn.find((one) => one.role === 'tool' && one.callId === id);
  if (result?.role === 'tool') return { text: result.text, isError: result.isError, said };
  return said.length > 0 ? { text: '', isError: false, said } : undefined;
}
