import { type Content, type GenerateContentResponse, GoogleGenAI, type Part } from '@google/genai/web';
import type { Usage } from '../../ipc/message.ts';
import type { Deadlines, Endpoint, ModelRequest, Provider } from '../../ipc/model.ts';
import { type Heard, provider } from '../http/call.ts';
import { CallFailure } from '../http/failures.ts';
import type { Exchange, Fetch } from '../http/transport.ts';
import { type Answer, openAnswer } from './answer.ts';
import { type Endings, endingsOf } from './endings.ts';
import { geminiConfig, geminiContents } from './gemini-body.ts';
import { openSources } from './web-search.ts';

/** Gemini's generateContent. */
export function open(endpoint: Endpoint, deadlines: Deadlines): Provider {
  const endings = endingsOf(endpoint, 'finishReason');
  return provider(endpoint, deadlines, async function* (request, exchange, signal) {
    const client = clientFor(endpoint.baseUrl, exchange.fetch);
    const chunks = await client.models.generateContentStream(paramsOf(endpoint, request, signal));
    yield* heard(chunks, endings, request.model, exchange);
  });
}

/** The transport holds the key; the SDK does not retry unless told to, and deadlines are ours. */
function clientFor(baseUrl: string, fetch: Fetch): GoogleGenAI {
  // The SDK wants the version of the API apart from the rest.
  const [, root = '', apiVersion = 'v1beta'] = /^(.*?)(?:\/(v\d\w*))?\/*$/.exec(baseUrl) ?? [];
  return new GoogleGenAI({
    apiKey: 'held-by-the-transport',
    apiVersion,
    httpOptions: { baseUrl: root, apiVersion, fetch: fetch as unknown as typeof globalThis.fetch },
  });
}

function paramsOf(endpoint: Endpoint, request: ModelRequest, abortSignal: AbortSignal) {
  const contents: Content[] = geminiContents(endpoint, request);
  return { model: request.model, contents, config: { ...geminiConfig(request), abortSignal } };
}

async function* heard(
  chunks: AsyncIterable<GenerateContentResponse>,
  endings: Endings,
  model: string,
  exchange: Exchange,
): AsyncGenerator<Heard> {
  const answer = openAnswer();
  const sources = openSources();
  let usage: GenerateContentResponse['usageMetadata'];
  let finish: string | undefined;
  for await (const chunk of chunks) {
    usage = chunk.usageMetadata ?? usage;
    const blocked = chunk.promptFeedback?.blockReason;
    if (blocked) throw new CallFailure('refused', `refused: the prompt was blocked (${blocked})`);
    const candidate = chunk.candidates?.[0];
    for (const part of candidate?.content?.parts ?? []) yield* piece(answer, part);
    for (const { web } of candidate?.groundingMetadata?.groundingChunks ?? [])
      if (web?.uri) sources.cited(web.uri, web.title ?? '');
    // Billed by the queries that differ; empty ones are none (ai.google.dev/gemini-api/docs/pricing).
    for (const query of candidate?.groundingMetadata?.webSearchQueries ?? []) if (query) sources.searched(query);
    finish = candidate?.finishReason || finish;
    if (candidate?.finishReason) endings.said(model, exchange);
    if (finish && refusals.test(finish))
      throw new CallFailure('refused', `refused: ${candidate?.finishMessage ?? finish} (${finish})`);
  }
  if (finish === undefined) endings.unsaid(model, exchange, answer);
  if (finish && broken.test(finish)) throw new CallFailure('malformed', `broke its own answer (${finish})`);
  answer.text += sources.list();
  const message = answer.message();
  const stop = finish === 'MAX_TOKENS' ? 'length' : message.calls.length > 0 ? 'calls' : 'done';
  yield { type: 'end', message, usage: sources.counted(usageOf(usage)), stop };
}

const refusals =
  /^(SAFETY|RECITATION|BLOCKLIST|PROHIBITED_CONTENT|SPII|LANGUAGE|IMAGE_SAFETY|IMAGE_PROHIBITED_CONTENT)$/;
/** A malformed call, or a call to an unknown tool. */
const broken = /^(MALFORMED_FUNCTION_CALL|MALFORMED_RESPONSE|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS)$/;

function* piece(answer: Answer, part: Part): Generator<Heard> {
  const { text = '', thought, thoughtSignature: signature, functionCall } = part;
  if (functionCall) return yield* called(answer, functionCall, signature);
  if (thought) {
    answer.thought('thinking').text += text;
    if (signature) answer.thought(`signature ${signature}`).carry = { thoughtSignature: signature };
    if (text !== '') yield { type: 'thinking.delta', text };
    return;
  }
  answer.text += text;
  if (text !== '') yield { type: 'text.delta', text };
  // A signature beside text stands where the text ends.
  if (signature) answer.thought(`signature ${signature}`).carry = { thoughtSignature: signature };
}

/** Calls come whole. */
function* called(answer: Answer, given: NonNullable<Part['functionCall']>, signature?: string): Generator<Heard> {
  const { id = '', name = '', args = {} } = given;
  let at = 0;
  while (answer.hasCall(at)) at += 1;
  const json = JSON.stringify(args);
  Object.assign(answer.call(at), { id, name, json, ...(signature && { carry: signature }) });
  yield { type: 'call.delta', text: name };
  yield { type: 'call.delta', text: json };
}

/** Gemini counts thinking apart from the answer, and what tools put into the prompt apart from the prompt. */
function usageOf(usage: GenerateContentResponse['usageMetadata']): Usage | null {
  if (usage?.promptTokenCount === undefined) return null;
  const reasoningTokens = usage.thoughtsTokenCount;
  const cachedTokens = usage.cachedContentTokenCount;
  return {
    inputTokens: usage.promptTokenCount + (usage.toolUsePromptTokenCount ?? 0),
    outputTokens: (usage.candidatesTokenCount ?? 0) + (reasoningTokens ?? 0),
    usd: 0,
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}
