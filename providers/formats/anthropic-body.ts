import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  Tool,
} from '@anthropic-ai/sdk/resources/messages/messages';
import type { AssistantMessage, Image } from '../../ipc/message.ts';
import type { Effort, Endpoint, ModelRequest } from '../../ipc/model.ts';
import { objectOf, partsOf, turnsOf, type UserTurn } from './turns.ts';
import { searchesMax } from './web-search.ts';

/** A request as Anthropic Messages wants it: tools and system first, the same byte for byte in every call. */
export function anthropicBody(endpoint: Endpoint, request: ModelRequest): MessageCreateParamsStreaming {
  const caches = endpoint.quirks.cacheBreakpoints ?? endpoint.vendor === 'anthropic';
  const { system, model, outputTokensMax } = request;
  const tools = request.tools.map(
    ({ name, description, schema }): Tool => ({ name, description, input_schema: schema as Tool['input_schema'] }),
  );
  // One breakpoint holds tools and system together: system comes after the tools in what is cached.
  const last = tools.at(-1);
  if (caches && system === '' && last) last.cache_control = breakpoint;
  const messages = messagesOf(endpoint, request, caches);
  const thinking = thinkingOf(model, request.effort, outputTokensMax);
  return {
    model,
    stream: true,
    max_tokens: outputTokensMax,
    ...(tools.length > 0 && { tools }),
    ...(request.webSearch && { tools: [searchTool] }),
    ...(system !== '' && { system: [{ type: 'text', text: system, ...(caches && { cache_control: breakpoint }) }] }),
    ...(thinking.thinking?.type === 'enabled' && callsUnthought(messages) ? {} : thinking),
    messages,
  };
}

/**
 * With a budget, the calls whose results are sent must begin with a thought. Calls of another vendor's model have none:
 * then the model answers without thinking until its next turn.
 */
function callsUnthought(messages: MessageParam[]): boolean {
  const content = messages.findLast(({ role }) => role === 'assistant')?.content ?? [];
  const types = Array.isArray(content) ? content.map(({ type }) => type) : [];
  return types.includes('tool_use') && !/thinking/.test(types[0] ?? '');
}

/** platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool */
const searchTool = { type: 'web_search_20250305', name: 'web_search', max_uses: searchesMax } as const;

const breakpoint = { type: 'ephemeral' } as const;

function messagesOf(endpoint: Endpoint, request: ModelRequest, caches: boolean): MessageParam[] {
  const own = `${endpoint.vendor}/${request.model}`;
  const messages = turnsOf(request.messages)
    .map(
      (turn): MessageParam =>
        turn.role === 'user'
          ? { role: 'user', content: userBlocks(turn) }
          : { role: 'assistant', content: assistantBlocks(turn.message, own, endpoint.vendor === 'anthropic') },
    )
    .filter(({ content }) => content.length > 0);
  if (caches) for (const { content } of messages.filter(({ role }) => role === 'user').slice(-2)) markLast(content);
  return messages;
}

/** Two cache marks: one finds the cache of the call before, one keeps this call's addition for the next. */
function markLast(content: MessageParam['content']): void {
  const block = Array.isArray(content) ? content.at(-1) : undefined;
  if (block && 'type' in block) Object.assign(block, { cache_control: breakpoint });
}

function userBlocks({ results, said }: UserTurn): ContentBlockParam[] {
  const answers = results.map(
    ({ callId, text, isError, images = [] }): ContentBlockParam => ({
      type: 'tool_result',
      tool_use_id: callId,
      content: images.length === 0 ? textOf(text) : [{ type: 'text', text: textOf(text) }, ...images.map(imageBlock)],
      ...(isError && { is_error: true }),
    }),
  );
  const words = said.flatMap(({ text, images = [] }): ContentBlockParam[] => [
    ...images.map(imageBlock),
    ...(text.trim() === '' ? [] : [{ type: 'text' as const, text }]),
  ]);
  return [...answers, ...words];
}

function textOf(text: string): string {
  return text === '' ? '(empty)' : text;
}

function imageBlock({ mediaType, data }: Image): ImageBlockParam {
  return { type: 'image', source: { type: 'base64', media_type: mediaType as 'image/png', data } };
}

function assistantBlocks(message: AssistantMessage, own: string, signed: boolean): ContentBlockParam[] {
  return partsOf(message, own).flatMap((part): ContentBlockParam[] => {
    if (part.kind === 'text') return [{ type: 'text', text: part.text }];
    if (part.kind === 'call')
      return [{ type: 'tool_use', id: part.call.id, name: part.call.name, input: objectOf(part.call.arguments) }];
    const value = part.value as { type?: string; signature?: string; data?: string } | null;
    if (value?.type === 'redacted_thinking') return [{ type: 'redacted_thinking', data: value.data ?? '' }];
    // Anthropic refuses unsigned thinking; others that speak this format sign nothing.
    if (value?.type !== 'thinking' || (signed && !value.signature)) return [];
    return [{ type: 'thinking', thinking: part.text, signature: value.signature ?? '' }];
  });
}

/** Claude up to 4.5, and other makers' models, think within a budget of tokens; later ones decide for themselves. */
const withBudget = /^claude-(3|(opus|sonnet|haiku)-4(-[0-5])?(-\d{8})?$)/;
const budgets: Record<Exclude<Effort, 'none'>, number> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 65_536,
};
/** The least that Anthropic takes for a budget. */
const budgetMin = 1_024;

type Thinking = Pick<MessageCreateParamsStreaming, 'thinking' | 'output_config'>;

function thinkingOf(model: string, effort: Effort | undefined, outputTokensMax: number): Thinking {
  if (effort === undefined) return {};
  if (effort === 'none') return { thinking: { type: 'disabled' } };
  if (model.startsWith('claude-') && !withBudget.test(model))
    return {
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: effort === 'minimal' ? 'low' : effort },
    };
  // Some room must be left to answer in.
  const budget = Math.min(budgets[effort], Math.floor(outputTokensMax * 0.75));
  return budget < budgetMin ? {} : { thinking: { type: 'enabled', budget_tokens: budget } };
}
