import type { Content, GenerateContentConfig, Part, ThinkingConfig, ThinkingLevel } from '@google/genai/web';
import type { AssistantMessage, Image } from '../../ipc/message.ts';
import type { Effort, Endpoint, ModelRequest } from '../../ipc/model.ts';
import { legalName } from '../http/tool-names.ts';
import { objectOf, partsOf, turnsOf, type UserTurn } from './turns.ts';

/** A whole request except its messages. */
export function geminiConfig(request: ModelRequest): GenerateContentConfig {
  return {
    ...(request.system !== '' && { systemInstruction: { parts: [{ text: request.system }] } }),
    ...(request.tools.length > 0 && {
      tools: [
        {
          functionDeclarations: request.tools.map(({ name, description, schema }) => ({
            name,
            description,
            parametersJsonSchema: schema,
          })),
        },
      ],
    }),
    // ai.google.dev/gemini-api/docs/google-search
    ...(request.webSearch && { tools: [{ googleSearch: {} }] }),
    maxOutputTokens: request.outputTokensMax,
    ...thinkingOf(request.model, request.effort),
    automaticFunctionCalling: { disable: true },
  };
}

/** Gemini 3 and later. */
const newer = /gemini-([3-9]|\d\d)/;
/** Google's marker for calls without a Gemini signature: without it a conversation from another vendor is refused. */
const unsigned = 'skip_thought_signature_validator';

export function geminiContents(endpoint: Endpoint, request: ModelRequest): Content[] {
  const own = `${endpoint.vendor}/${request.model}`;
  return turnsOf(request.messages)
    .map((turn) =>
      turn.role === 'user'
        ? { role: 'user', parts: userParts(turn) }
        : { role: 'model', parts: modelParts(turn.message, own, newer.test(request.model)) },
    )
    .filter(({ parts }) => parts.length > 0);
}

function userParts({ results, said }: UserTurn): Part[] {
  const answers = results.map(
    ({ callId: id, name, text, isError }): Part => ({
      functionResponse: { id, name: legalName(name), response: isError ? { error: text } : { output: text } },
    }),
  );
  // An image follows the answers: only the newest models take one inside of them.
  const seen = results.flatMap(({ images = [] }) => images.map(imagePart));
  const words = said.flatMap(({ text, images = [] }): Part[] => [
    ...images.map(imagePart),
    ...(text === '' ? [] : [{ text }]),
  ]);
  return [...answers, ...seen, ...words];
}

function imagePart({ mediaType: mimeType, data }: Image): Part {
  return { inlineData: { mimeType, data } };
}

function modelParts(message: AssistantMessage, own: string, wantsSignature: boolean): Part[] {
  const foreign = message.from !== own;
  return partsOf(message, own).flatMap((part, at, parts): Part[] => {
    if (part.kind === 'text') return [{ text: part.text }];
    if (part.kind === 'thought') {
      const signature = (part.value as { thoughtSignature?: string } | null)?.thoughtSignature;
      return signature === undefined ? [] : [{ text: '', thoughtSignature: signature }];
    }
    const { id, name, arguments: given, carry } = part.call;
    // Only the first of parallel calls is signed.
    const first = parts.findIndex(({ kind }) => kind === 'call') === at;
    const signature = carry ?? (foreign && first && wantsSignature ? unsigned : undefined);
    return [{ functionCall: { id, name, args: objectOf(given) }, ...(signature && { thoughtSignature: signature }) }];
  });
}

const levels: Record<Effort, string> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};
/** Tokens of thinking for Gemini 2.5; -1: as it likes. */
const budgets: Record<Effort, number> = {
  none: 0,
  minimal: 512,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};

function thinkingOf(model: string, effort: Effort | undefined): { thinkingConfig?: ThinkingConfig } {
  // Thoughts are shown wherever a model has some.
  if (effort === undefined)
    return newer.test(model) || /2\.5/.test(model) ? { thinkingConfig: { includeThoughts: true } } : {};
  const includeThoughts = effort !== 'none';
  if (!newer.test(model)) return { thinkingConfig: { includeThoughts, thinkingBudget: budgets[effort] } };
  // Pro models have no smaller level than low.
  const level = /pro/.test(model) && levels[effort] === 'MINIMAL' ? 'LOW' : levels[effort];
  return { thinkingConfig: { includeThoughts, thinkingLevel: level as ThinkingLevel } };
}
