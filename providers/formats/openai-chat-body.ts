import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions/completions';
import type { AssistantMessage, ToolCall } from '../../ipc/message.ts';
import type { Endpoint, ModelRequest, Quirks } from '../../ipc/model.ts';
import { withinLimits } from '../images/image-limits.ts';
import { thoughtsOf } from './chat-thoughts.ts';
import { jsonOf, markedText, partsOf, turnsOf, type UserMessage, type UserTurn } from './turns.ts';

/** The ways of a server that differ from how vtcode first asks, as its errors tell them (openai-chat-dialect.ts). */
export type Dialect = {
  /** Fields of the request or of its messages that are left out. */
  dropped: Set<string>;
  limitField: Quirks['outputTokensField'] | null;
  /** It wants a thought with every call. */
  blankThoughts: boolean;
  /** The most images that it takes. */
  imagesMax: number | null;
};

/** A request as Chat Completions wants it: tools and system first, the same byte for byte in every call. */
export function chatBody(
  endpoint: Endpoint,
  request: ModelRequest,
  dialect: Dialect,
): ChatCompletionCreateParamsStreaming {
  const quirks = { ...endpoint.quirks, ...(dialect.imagesMax !== null && { imagesMax: dialect.imagesMax }) };
  const { dropped } = dialect;
  const isOpenai = endpoint.vendor === 'openai';
  const limit = dialect.limitField ?? quirks.outputTokensField ?? (isOpenai ? 'max_completion_tokens' : 'max_tokens');
  const effort = (quirks.reasoningEffort ?? isOpenai) ? request.effort : undefined;
  const key = (quirks.promptCacheKey ?? isOpenai) ? request.cacheKey : undefined;
  return {
    model: request.model,
    stream: true,
    ...(!quirks.noStreamUsage && !dropped.has('stream_options') && { stream_options: { include_usage: true } }),
    ...(effort !== undefined && !dropped.has('reasoning_effort') && { reasoning_effort: effort }),
    ...(key !== undefined && !dropped.has('prompt_cache_key') && { prompt_cache_key: key }),
    ...(request.tools.length > 0 && {
      tools: request.tools.map(({ name, description, schema }) => ({
        type: 'function' as const,
        function: { name, description, parameters: schema as Record<string, unknown> },
      })),
    }),
    [limit]: request.outputTokensMax,
    messages: messagesOf(endpoint, { ...request, messages: withinLimits(request.messages, quirks) }, dialect),
  };
}

function messagesOf(endpoint: Endpoint, request: ModelRequest, dialect: Dialect): ChatCompletionMessageParam[] {
  const own = `${endpoint.vendor}/${request.model}`;
  const idOf = endpoint.quirks.nineCharacterIds ? nineCharacters : (id: string) => id;
  const system: ChatCompletionMessageParam[] =
    request.system === '' ? [] : [{ role: 'system', content: request.system }];
  const turns = turnsOf(request.messages).map((turn) =>
    turn.role === 'user'
      ? userMessages(turn, idOf)
      : [assistantMessage(turn.message, own, endpoint.quirks, dialect, idOf)],
  );
  if (endpoint.quirks.cacheBreakpoints) {
    const ends = turns.map((turn) => turn.at(-1)).filter((message) => message && message.role !== 'assistant');
    for (const message of [...system, ...ends.slice(-2)]) if (message) mark(message);
  }
  return [...system, ...turns.flat()];
}

/** Anthropic's breakpoints, as resellers of its models take them. */
function mark(message: ChatCompletionMessageParam): void {
  const { content } = message;
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const last = Array.isArray(parts) ? parts.at(-1) : undefined;
  if (!last) return;
  Object.assign(last, { cache_control: ephemeral });
  Object.assign(message, { content: parts });
}

const ephemeral = { type: 'ephemeral' };

type IdOf = (id: string) => string;

function userMessages({ results, said }: UserTurn, idOf: IdOf): ChatCompletionMessageParam[] {
  const answers = results.map(
    (result): ChatCompletionMessageParam => ({
      role: 'tool',
      tool_call_id: idOf(result.callId),
      content: markedText(result),
    }),
  );
  // A tool message holds text alone in this format: its images follow as words of the user.
  const shown = results.flatMap(({ callId, images = [] }): UserMessage[] =>
    images.length === 0 ? [] : [{ role: 'user', text: `(images of the result of ${idOf(callId)})`, images }],
  );
  const all = [...shown, ...said];
  return all.length === 0 ? answers : [...answers, { role: 'user', content: contentOf(all) }];
}

/** Text alone stays a string: not every server takes parts. */
function contentOf(said: UserMessage[]): string | ChatCompletionContentPart[] {
  if (said.every(({ images = [] }) => images.length === 0)) return said.map(({ text }) => text).join('\n\n');
  return said.flatMap(({ text, images = [] }): ChatCompletionContentPart[] => [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...images.map(
      ({ mediaType, data }): ChatCompletionContentPart => ({
        type: 'image_url',
        image_url: { url: `data:${mediaType};base64,${data}` },
      }),
    ),
  ]);
}

function assistantMessage(
  message: AssistantMessage,
  own: string,
  quirks: Quirks,
  { dropped, blankThoughts }: Dialect,
  idOf: IdOf,
): ChatCompletionMessageParam {
  const parts = partsOf(message, own);
  const calls = parts.flatMap((part) => (part.kind === 'call' ? [callParam(part.call, idOf)] : []));
  const { fields, inContent } = thoughtsOf(message, parts, quirks, blankThoughts);
  for (const field of dropped) delete fields[field];
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: inContent }] };
  const content = message.text === '' && calls.length > 0 ? null : message.text;
  return {
    role: 'assistant',
    content: inContent === '' ? content : [thinking, ...(content ? [{ type: 'text', text: content }] : [])],
    ...fields,
    ...(calls.length > 0 && { tool_calls: calls }),
  } as ChatCompletionMessageParam;
}

/** With a call goes back what came with it: Google's signature of a thought, on its server for this format. */
function callParam({ id, name, arguments: given, carry }: ToolCall, idOf: IdOf) {
  return {
    type: 'function' as const,
    id: idOf(id),
    function: { name, arguments: jsonOf(given) },
    ...(carry !== undefined && extraIn(carry)),
  };
}

function extraIn(carry: string): object {
  try {
    return { extra_content: JSON.parse(carry) as unknown };
  } catch {
    return {}; // the signature of another format
  }
}

/** The same id for the same id, in the nine letters and digits that Mistral takes. */
function nineCharacters(id: string): string {
  if (/^[A-Za-z0-9]{9}$/.test(id)) return id;
  // FNV-1a, 64 bits: no attacker gains by a collision, and an agent's thread has no node:crypto.
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(id)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(36).padStart(9, '0').slice(-9);
}
