import type {
  EasyInputMessage,
  ResponseCreateParamsStreaming,
  ResponseInputContent,
  ResponseInputItem,
  ResponseReasoningItem,
} from 'openai/resources/responses/responses';
import type { AssistantMessage, Image } from '../../ipc/message.ts';
import type { Endpoint, ModelRequest } from '../../ipc/model.ts';
import { jsonOf, markedText, partsOf, turnsOf, type UserTurn } from './turns.ts';
import { searchesMax } from './web-search.ts';

/** Options that only some models and accounts accept. */
export type Extras = { summary: boolean; encrypted: boolean; plainThoughts: boolean };

/** A request as Responses wants it: tools and system first, the same byte for byte in every call. */
export function responsesBody(
  endpoint: Endpoint,
  request: ModelRequest,
  extras: Extras,
): ResponseCreateParamsStreaming {
  const { vendor, quirks } = endpoint;
  const key = (quirks.promptCacheKey ?? vendor === 'openai') ? request.cacheKey : undefined;
  const { effort } = request;
  const thinks = effort !== undefined && effort !== 'none';
  return {
    model: request.model,
    stream: true,
    // The conversation is ours: nothing is kept there, and thinking travels encrypted.
    store: false,
    ...(extras.encrypted && { include: ['reasoning.encrypted_content'] }),
    ...(effort !== undefined && { reasoning: { effort, ...(thinks && extras.summary && { summary: 'auto' }) } }),
    ...(key !== undefined && { prompt_cache_key: key }),
    ...(request.tools.length > 0 && {
      tools: request.tools.map(({ name, description, schema }) => ({
        type: 'function' as const,
        name,
        description,
        parameters: schema as Record<string, unknown>,
        // Strict schemas forbid optional arguments.
        strict: false,
      })),
    }),
    // developers.openai.com/api/docs/guides/tools-web-search
    ...(request.webSearch && { tools: [{ type: 'web_search' as const }], max_tool_calls: searchesMax }),
    ...(request.system !== '' && { instructions: request.system }),
    max_output_tokens: request.outputTokensMax,
    input: turnsOf(request.messages).flatMap((turn) =>
      turn.role === 'user' ? userItems(turn) : assistantItems(turn.message, `${vendor}/${request.model}`, extras),
    ),
  };
}

function userItems({ results, said }: UserTurn): ResponseInputItem[] {
  const answers = results.map(
    (result): ResponseInputItem => ({
      type: 'function_call_output',
      call_id: result.callId,
      output: result.images ? [inputText(markedText(result)), ...result.images.map(inputImage)] : markedText(result),
    }),
  );
  const content = said.flatMap(({ text, images = [] }): ResponseInputContent[] => [
    ...(text === '' ? [] : [inputText(text)]),
    ...images.map(inputImage),
  ]);
  return content.length === 0 ? answers : [...answers, { type: 'message', role: 'user', content }];
}

function inputText(text: string) {
  return { type: 'input_text' as const, text };
}

function inputImage({ mediaType, data }: Image) {
  return { type: 'input_image' as const, detail: 'auto' as const, image_url: `data:${mediaType};base64,${data}` };
}

type Phase = EasyInputMessage['phase'];

function assistantItems(message: AssistantMessage, own: string, { plainThoughts }: Extras): ResponseInputItem[] {
  let phase: Phase;
  return partsOf(message, own).flatMap((part): ResponseInputItem[] => {
    if (part.kind === 'text') return [{ role: 'assistant', content: part.text, ...(phase && { phase }) }];
    if (part.kind === 'call') {
      const { id, name, arguments: given } = part.call;
      return [{ type: 'function_call', call_id: id, name, arguments: jsonOf(given) }];
    }
    const carried = part.value as ResponseReasoningItem | { type: 'phase'; phase: Phase } | null;
    if (carried?.type === 'phase') phase = carried.phase;
    if (carried?.type !== 'reasoning') return [];
    // Thinking that OpenAI does not store can only go back encrypted; other servers say it in plain text.
    return carried.encrypted_content || (plainThoughts && carried.content?.length) ? [carried] : [];
  });
}
