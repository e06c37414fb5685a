import type { Message, ToolSpec, Usage } from './message.ts';

/**
 * The protocol between the host and an agent. The agent thinks; the host grants, acts and remembers.
 *
 * The host starts an agent with everything it needs to go on from where its log ends. The agent asks for a model call
 * (`ask`), the host writes it down and answers `grant`; the agent streams the call itself and tells what it heard.
 * Tool calls in that message are carried out by the host; their results come back, in any order. When all are there
 * the agent asks again. The agent has no other way to end than a message without tool calls or a failure.
 */
export type AgentSpec = {
  agent: string;
  life: number;
  model: string;
  system: string;
  tools: ToolSpec[];
  messages: Message[];
  /** Number of the next model call: calls are counted over all lives of an agent. */
  nextCall: number;
  /** Ids of the tool calls of the last assistant message whose results are not in `messages` yet. */
  waitingFor: string[];
};

export type ToAgent =
  | { type: 'grant'; call: number }
  | { type: 'result'; callId: string; name: string; text: string; isError: boolean }
  | { type: 'say'; text: string }
  | { type: 'stop' };

export type FromAgent =
  | { type: 'ask'; call: number }
  | { type: 'delta'; call: number; text: string }
  | { type: 'heard'; call: number; message: Extract<Message, { role: 'assistant' }>; usage: Usage }
  | { type: 'failed'; call: number; reason: string; retryable: boolean };
