import type { WireFormat } from '../../ipc/model.ts';
import type { Received, Reply } from './model-server.ts';
import type { Answer } from './model-wire.ts';

/**
 * A scripted model that works tasks. Its answers depend on the conversation it is sent and on nothing else, so that one
 * server plays any number of agents, and an agent that was killed, moved to another vendor or asked twice is answered
 * as if nothing had happened. It is as strict as vendors are: a conversation that does not fit together is refused.
 */

/** A conversation as a request shows it, in no format. */
export type Seen = {
  /** The first words of the user: the task. */
  opening: string;
  /** All words of the user, the task among them. */
  said: string;
  /** Ids of the tool calls, and of the results, in order. */
  calls: string[];
  results: { id: string; text: string }[];
  /** Texts of the thoughts that were sent back. */
  thoughts: string[];
  tools: string[];
};

/** What the task's model does next: `at` counts its tool results, those before a hand-off too. */
export type Work = (at: number, seen: Seen) => Answer['calls'];

/** The reply of a model that does `work` and then finishes; thinks aloud where `thinking` says so. */
export function workingReply(request: Received, work: Work, thinking = false): Reply {
  const seen = seenIn(request);
  const wrong = faultIn(seen);
  if (wrong !== null) return { status: 400, body: { error: { type: 'invalid_request_error', message: wrong } } };
  const usage = { input: Math.ceil(request.text.length / 4), output: 20 };
  const at = handedOver(seen) + seen.results.length;
  if (seen.tools.includes('hand_off')) return { answer: { calls: [handOff(at)], usage } };
  const calls = (work(at, seen) ?? []).map((call, index) => ({ id: `call_${at}_${index}`, ...call }));
  const thoughts = thinking ? { thinking: `thought ${at} of ${request.format}` } : {};
  return { answer: { ...thoughts, text: `Step ${at}.`, calls, usage } };
}

const goal = { goal: 'the task', decisions: [], files: [], failures: [], next: [], open_questions: [] };

function handOff(at: number) {
  return { id: `call_hand_off_${at}`, name: 'hand_off', arguments: { ...goal, done: [`results so far: ${at}`] } };
}

function handedOver({ said }: Seen): number {
  return Number([...said.matchAll(/results so far: (\d+)/g)].at(-1)?.[1] ?? 0);
}

/** Why a vendor would not take the conversation; null: it would. */
function faultIn({ calls, results, opening }: Seen): string | null {
  const answered = new Set(results.map(({ id }) => id));
  const open = calls.filter((id) => !answered.has(id));
  const strange = results.filter(({ id }) => !calls.includes(id));
  if (opening === '') return 'there is no task';
  if (open.length > 0) return `calls without a result: ${open.join(', ')}`;
  if (strange.length > 0) return `results without a call: ${strange.map(({ id }) => id).join(', ')}`;
  return new Set(calls).size < calls.length || results.length > answered.size ? 'an id twice' : null;
}

/** What lies in the count file that a task's prompt names, and what its work does: read it often, raise it once. */
export const countBefore = 'count = 1';
export const countAfter = 'count = 1 + 1';

/** Reads the file that the task names `reads` times, then raises its count: a second time would be seen in the file. */
export function raising(reads: number): Work {
  return (at, { opening, results }) => {
    const path = /\S+\.txt/.exec(opening)?.[0] ?? '';
    // Each read is another call: an agent that repeats one is stopped.
    if (at < reads) return [{ name: 'read_file', arguments: { path, limit: 2_000 - at } }];
    if (at === reads) return [{ name: 'edit_file', arguments: { path, old_text: countBefore, new_text: countAfter } }];
    const failed = results.find(({ text }) => /^Error|not there|conflict/i.test(text));
    const outcome = failed === undefined ? 'done' : 'cannot';
    return [{ name: 'finish', arguments: { outcome, summary: failed?.text ?? `raised ${path}` } }];
  };
}

export function seenIn({ body, format }: Received): Seen {
  const seen = readers[format](body);
  return { ...seen, opening: seen.said.split('\u0000')[0] ?? '', tools: toolsIn(body, format) };
}

type Read = Omit<Seen, 'opening' | 'tools'>;
type Block = Record<string, unknown>;

const readers: Record<WireFormat, (body: Block) => Read> = {
  'openai-chat': chat,
  anthropic,
  'openai-responses': () => assertNever('openai-responses'),
  gemini: () => assertNever('gemini'),
};

function assertNever(format: string): never {
  throw new Error(`the scripted coder does not speak ${format}`);
}

function chat(body: Block): Read {
  const messages = body.messages as Block[];
  const of = (role: string) => messages.filter((message) => message.role === role);
  return {
    said: of('user').map(textOf).join('\u0000'),
    calls: of('assistant').flatMap(({ tool_calls }) => ((tool_calls as Block[]) ?? []).map(({ id }) => String(id))),
    results: of('tool').map((message) => ({ id: String(message.tool_call_id), text: textOf(message) })),
    thoughts: of('assistant').flatMap(({ reasoning_content }) =>
      reasoning_content ? [String(reasoning_content)] : [],
    ),
  };
}

function anthropic(body: Block): Read {
  const blocks = (body.messages as Block[]).flatMap(({ role, content }) =>
    (typeof content === 'string' ? [{ type: 'text', text: content }] : (content as Block[])).map(
      (block): Block => ({ ...block, role }),
    ),
  );
  const of = (type: string) => blocks.filter((block) => block.type === type);
  return {
    said: of('text')
      .filter(({ role }) => role === 'user')
      .map(({ text }) => String(text))
      .join('\u0000'),
    calls: of('tool_use').map(({ id }) => String(id)),
    results: of('tool_result').map((block) => ({ id: String(block.tool_use_id), text: textOf(block) })),
    thoughts: of('thinking').map(({ thinking }) => String(thinking)),
  };
}

function textOf({ content }: Block): string {
  if (typeof content === 'string') return content;
  return ((content as Block[] | undefined) ?? []).map(({ text }) => String(text ?? '')).join('');
}

function toolsIn({ tools }: Block, format: WireFormat): string[] {
  const named = (tools as Block[] | undefined) ?? [];
  return named.map((tool) => String(format === 'openai-chat' ? (tool.function as Block).name : tool.name));
}
