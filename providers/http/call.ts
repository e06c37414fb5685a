import type { AssistantMessage, Usage } from '../../ipc/message.ts';
import type { Deadlines, Endpoint, ModelEvent, ModelFailure, ModelRequest, Provider } from '../../ipc/model.ts';
import { withinLimits } from '../images/image-limits.ts';
import { expiredWords, watch } from './deadlines.ts';
import { CallFailure, failure, failureOf } from './failures.ts';
import { rateLimitsOf } from './rate-limits.ts';
import { meantName } from './tool-names.ts';
import { type Exchange, openExchange } from './transport.ts';

/**
 * The events of a format: deltas, signs of life that carry no delta, and the end. `usage` is null when the vendor did
 * not count.
 */
export type Heard =
  | Extract<ModelEvent, { type: 'text.delta' | 'thinking.delta' | 'call.delta' }>
  | { type: 'progress' }
  | { type: 'end'; message: AssistantMessage; usage: Usage | null; stop: 'done' | 'calls' | 'length' };

/** A format: asks by way of the exchange's `fetch`, until `signal`, and may throw anything. */
export type Ask = (request: ModelRequest, exchange: Exchange, signal: AbortSignal) => AsyncIterable<Heard>;

/** The provider around a format: head, deadlines, failures and missing counts are the same for all. */
export function provider(endpoint: Endpoint, deadlines: Deadlines, ask: Ask): Provider {
  const known = { reached: false };
  return { stream: (request, signal) => call(endpoint, deadlines, ask, request, signal, known) };
}

async function* call(
  endpoint: Endpoint,
  deadlines: Deadlines,
  ask: Ask,
  request: ModelRequest,
  signal: AbortSignal,
  known: { reached: boolean },
): AsyncGenerator<ModelEvent> {
  const exchange = openExchange(endpoint, known.reached);
  const stopped = new AbortController();
  const cut = Promise.withResolvers<Failed>();
  const cutOff = (reason: ModelFailure) => {
    cut.resolve({ type: 'failure', failure: reason });
    stopped.abort();
  };
  const watching = watch(deadlines, (expired) => cutOff(failure(endpoint, 'timeout', expiredWords(expired), exchange)));
  const onAbort = () => cutOff(failure(endpoint, 'ended', 'was not heard out: the call was ended'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  let heardOut = false;
  try {
    watching.waits();
    const steps = stepsOf(endpoint, exchange, ask, request, stopped.signal);
    let step: Promise<Step> = signal.aborted ? cut.promise : steps();
    const headed = await Promise.race([exchange.head.then(() => true), step.then(() => false), cut.promise]);
    if (headed === true || exchange.status !== null) {
      known.reached = true;
      watching.heard('head');
      yield { type: 'head', limits: rateLimitsOf(exchange.headers, Date.now()) };
    }
    for (;;) {
      watching.waits();
      const heard = await Promise.race([cut.promise, step]);
      if (heard.type === 'failure') {
        // An SDK's error after our own abort does not tell the real cause.
        yield stopped.signal.aborted ? refined(endpoint, exchange, await cut.promise) : heard;
        return;
      }
      heardOut = heard.type === 'end';
      if (heard.type !== 'progress') yield heard;
      if (heardOut) return;
      watching.heard('token');
      step = steps();
    }
  } finally {
    watching.stop();
    signal.removeEventListener('abort', onAbort);
    exchange.close(heardOut);
    stopped.abort();
  }
}

type Step = Exclude<ModelEvent, { type: 'head' }> | { type: 'progress' };
type Failed = Extract<ModelEvent, { type: 'failure' }>;

/** The format's events, one at a time, with its errors told as failures. Never rejects. */
function stepsOf(endpoint: Endpoint, exchange: Exchange, ask: Ask, request: ModelRequest, signal: AbortSignal) {
  const shown = { ...request, messages: withinLimits(request.messages, endpoint.quirks) };
  const iterator = ask(shown, exchange, signal)[Symbol.asyncIterator]();
  return async (): Promise<Step> => {
    try {
      const { done, value } = await iterator.next();
      if (done) throw new CallFailure('network', 'broke the answer off before its end');
      if (isMalformed(value)) throw new CallFailure('malformed', 'sent what is no text in place of text');
      if (value.type !== 'end') return value;
      if (isEmpty(value)) throw emptyAnswer(value.stop);
      const calls = value.message.calls.map((one) => ({ ...one, name: meantName(one.name, request.tools) }));
      const message = { ...value.message, calls };
      return { ...value, message, usage: countedIn(value.usage) ?? estimate(exchange, message) };
    } catch (error) {
      return { type: 'failure', failure: failureOf(endpoint, exchange, error) };
    }
  };
}

/** The SDKs pass on any data that a server sends, but the log must hold only data that its readers accept. */
function isMalformed(heard: Heard): boolean {
  if (heard.type === 'progress') return false;
  if (heard.type !== 'end') return typeof heard.text !== 'string';
  const { text, calls, thoughts = [] } = heard.message;
  const words = [text, ...calls.flatMap(({ id, name }) => [id, name]), ...thoughts.map((thought) => thought.text)];
  return words.some((word) => typeof word !== 'string');
}

/** More tokens than any model takes or gives: a count beyond it is none. */
const tokensMax = 1e9;

function isCount(count: unknown): count is number {
  return typeof count === 'number' && count >= 0 && count <= tokensMax;
}

/** The vendor's counts; null when they are invalid: bad counts must neither raise a budget nor use it up. */
function countedIn(usage: Usage | null): Usage | null {
  if (!usage || !isCount(usage.inputTokens) || !isCount(usage.outputTokens)) return null;
  const { inputTokens, outputTokens, cachedTokens, cacheWriteTokens, reasoningTokens, searches } = usage;
  return {
    inputTokens,
    outputTokens,
    usd: 0,
    ...(isCount(cachedTokens) && { cachedTokens }),
    ...(isCount(cacheWriteTokens) && { cacheWriteTokens }),
    ...(isCount(reasoningTokens) && { reasoningTokens }),
    ...(isCount(searches) && { searches }),
  };
}

/**
 * Neither text nor calls. Thoughts alone are an answer where the model ended them itself: asked again it would think the
 * same, so the agent is reminded to speak.
 */
function isEmpty({ message, stop }: Extract<Heard, { type: 'end' }>): boolean {
  if (message.text.trim() !== '' || message.calls.length > 0) return false;
  return stop === 'length' || !message.thoughts?.some(({ text }) => text.trim() !== '');
}

function emptyAnswer(stop: 'done' | 'calls' | 'length'): CallFailure {
  const why = stop === 'length' ? ': all output tokens went into thinking' : '';
  return new CallFailure('malformed', `gave an empty answer${why}`);
}

/** A rough count for a server that sends none: its work must not be free in the budget. */
function estimate(exchange: Exchange, message: AssistantMessage): Usage {
  const bytes = Buffer.byteLength(JSON.stringify([message.text, message.calls, message.thoughts ?? []]));
  return {
    inputTokens: Math.ceil(exchange.sentBytes / bytesPerToken),
    outputTokens: Math.ceil(bytes / bytesPerToken),
    usd: 0,
  };
}

const bytesPerToken = 3.5;

/** A deadline that passed while an error was being read: the error is reported, not the deadline. */
function refined(endpoint: Endpoint, exchange: Exchange, cut: Failed): Failed {
  const bad = exchange.status !== null && exchange.status >= 300;
  return cut.failure.kind === 'timeout' && bad
    ? { type: 'failure', failure: failureOf(endpoint, exchange, null) }
    : cut;
}
