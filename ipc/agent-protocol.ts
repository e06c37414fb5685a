import type { AssistantMessage, Image, Message, ToolSpec, Usage } from './message.ts';
import type { Deadlines, Effort, Endpoint, ModelFailure, RateLimits, WireFormat } from './model.ts';

/**
 * The protocol between the host and an agent. The agent thinks; the host grants, acts and remembers.
 *
 * The host starts an agent with all the data it needs to go on from the end of its log. The agent asks for a model call
 * (`ask`); the host records that and answers `grant`: which model, at which address, and how many tokens the answer may
 * have. The agent streams the call itself and reports what it receives. The host carries out the tool calls of that
 * message; their results come back in any order. When all are there the agent asks again. The host decides whether a
 * failed call is granted again, to the same model or another. The agent ends only by a message without tool calls, or
 * by a failure.
 */
export type AgentSpec = {
  agent: string;
  life: number;
  system: string;
  tools: ToolSpec[];
  /** Its vendor searches the web for it. */
  webSearch?: boolean;
  messages: Message[];
  /** Number of the next model call: calls are counted over all lives of an agent. */
  nextCall: number;
  /** Ids of the tool calls of the last assistant message whose results are not in `messages` yet. */
  waitingFor: string[];
  /** The messages to the agent that are not in `messages` yet: they follow when all results are there. */
  told: string[];
  /** The formats that an agent of this run may be granted: they are loaded before the thread is confined. */
  formats: WireFormat[];
  /** The smallest context window of its models, in tokens, and the share of it at which compaction starts. */
  contextTokens: number;
  compactAt: number;
  /** It compacts its conversation before anything else. */
  compactsFirst: boolean;
  /** Names the conversation to vendors that keep a cache by a key. */
  cacheKey: string;
  /** The name in the marks around tool results, in a model's input (ipc/fence.ts). */
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
  | { type: 'result'; callId: string; name: string; text: string; isError: boolean; images?: Image[] }
  | { type: 'say'; text: string }
  | { type: 'stop' };

export type FromAgent =
  /** `inputTokens`: the estimated size of the request. `compacts`: it asks for a hand-off of so many messages. */
  | { type: 'ask'; call: number; inputTokens: number; compacts?: number }
  | { type: 'head'; call: number; limits: RateLimits | null }
  | { type: 'delta'; call: number; kind: 'text' | 'thinking' | 'call'; text: string }
  | { type: 'heard'; call: number; message: AssistantMessage; usage: Usage; stop: 'done' | 'calls' | 'length' }
  | { type: 'failed'; call: number; failure: ModelFailure }
  /** The tool results in the first `messages` messages of the conversation were cleared. */
  | { type: 'cleared'; messages: number }
  /** They were replaced by the hand-off `text`; `call` is the model call that wrote it. */
  | { type: 'compacted'; call: number; messages: number; text: string; usage: Usage };
