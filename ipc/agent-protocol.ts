import type { AssistantMessage, Message, ToolSpec, Usage } from './message.ts';
import type { Deadlines, Effort, Endpoint, ModelFailure, RateLimits, WireFormat } from './model.ts';

/**
 * The protocol between the host and an agent. The agent thinks; the host grants, acts and remembers.
 *
 * The host starts an agent with everything it needs to go on from where its log ends. The agent asks for a model call
 * (`ask`), the host writes it down and answers `grant`: which model, where, and how much it may say. The agent streams
 * the call itself and tells what it heard. Tool calls in that message are carried out by the host; their results come
 * back, in any order. When all are there the agent asks again. A call that failed is the host's to grant again, to the
 * same model or another. The agent has no other way to end than a message without tool calls or a failure.
 */
export type AgentSpec = {
  agent: string;
  life: number;
  system: string;
  tools: ToolSpec[];
  messages: Message[];
  /** Number of the next model call: calls are counted over all lives of an agent. */
  nextCall: number;
  /** Ids of the tool calls of the last assistant message whose results are not in `messages` yet. */
  waitingFor: string[];
  /** What was said to it and is not in `messages` yet: it follows when all results are there. */
  told: string[];
  /** Formats that any agent of this run may be granted: they are loaded before the thread is confined. */
  formats: WireFormat[];
  /** The smallest window of the models it may be granted, in tokens, and the share of it that asks for compaction. */
  contextTokens: number;
  compactAt: number;
  /** It hands its conversation over to itself before anything else. */
  compactsFirst: boolean;
  /** Names the conversation to vendors that keep a cache by a key. */
  cacheKey: string;
  /** Names the marks around what tools return, in what a model is sent (ipc/fence.ts). */
  fence: string;
};

/** One granted model call. `endpoint` null: the embedded model. */
export type Grant = {
  call: number;
  /** `vendor/model`, or `embedded`. */
  model: string;
  endpoint: Endpoint | null;
  /** The vendor's own name of the model. */
  name: string;
  outputTokensMax: number;
  /** Whether the model sees images; to others they are only mentioned. */
  images: boolean;
  effort?: Effort | undefined;
  deadlines: Deadlines;
};

export type ToAgent =
  | ({ type: 'grant' } & Grant)
  | { type: 'result'; callId: string; name: string; text: string; isError: boolean }
  | { type: 'say'; text: string }
  | { type: 'stop' };

export type FromAgent =
  /** `inputTokens`: what the request is estimated to hold. `compacts`: it asks for a hand-off of so many messages. */
  | { type: 'ask'; call: number; inputTokens: number; compacts?: number }
  | { type: 'head'; call: number; limits: RateLimits | null }
  | { type: 'delta'; call: number; kind: 'text' | 'thinking' | 'call'; text: string }
  | { type: 'heard'; call: number; message: AssistantMessage; usage: Usage; stop: 'done' | 'calls' | 'length' }
  | { type: 'failed'; call: number; failure: ModelFailure }
  /** The first `messages` messages of the conversation have had their tool results cleared. */
  | { type: 'cleared'; messages: number }
  /** They were replaced by the hand-off `text`; `call` is the model call that wrote it. */
  | { type: 'compacted'; call: number; messages: number; text: string; usage: Usage };
