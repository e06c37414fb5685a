import type { FailureKind, RateLimits, WireFormat } from '../../../ipc/model.ts';

/** One vendor as its documentation shows it: each stream, error and header is played to the provider as it stands here. */
export type Shape = {
  vendor: string;
  /** Pages of the vendor's own, and whether they say less than the format. */
  source: string[];
  /** Default: the vendor's format in the table. */
  format?: WireFormat;
  streams: Stream[];
  errors: VendorError[];
  /** The headers of its limits, and the requests and tokens that they mean; absent: it documents none. */
  limits?: { headers: Record<string, string>; are: RateLimits };
  /** How long a 429 asks to wait, in milliseconds. */
  wait?: { headers?: Record<string, string>; body?: unknown; ms: number };
  /** Parts of the request that the vendor gets. */
  sent?: { headers?: Record<string, string>; body?: Record<string, unknown> };
};

export type Stream = {
  /** The quirk that it shows. */
  what: string;
  raw: string;
} & ({ is: Heard } | { fails: [kind: FailureKind, words: RegExp] });

/** A whole answer. Absent: no text, thoughts or calls. `usage`: in, out, cached, thinking. */
export type Heard = {
  text?: string;
  thoughts?: string;
  calls?: [name: string, given: unknown][];
  stop: 'done' | 'calls' | 'length';
  usage: [input: number, output: number, cached?: number | undefined, thinking?: number | undefined];
};

export type VendorError = [status: number, body: unknown, kind: FailureKind, words: RegExp];

/** Server-sent events without names. */
export function data(...events: (object | string)[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}

/** Server-sent events with their types as names. */
export function named(...events: { type: string }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

export const done = 'data: [DONE]\n\n';

/** A piece of a chat completion. */
export function piece(delta: object, finish_reason: string | null = null, more: object = {}): object {
  return {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason }],
    ...more,
  };
}

/** The last piece of a chat completion, which counts. */
export function counts(usage: object): object {
  return { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage };
}

/** The first piece of a call, then its arguments. */
export function call(index: number, id: string, name: string, ...json: string[]): object[] {
  return [
    piece({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
    ...json.map((text) => piece({ tool_calls: [{ index, function: { arguments: text } }] })),
  ];
}

/** OpenAI's shape of an error, which most vendors have. */
export function openaiError(message: string, type: string, code: string | null = null): object {
  return { error: { message, type, param: null, code } };
}

/** A question whose answer calls a tool, as most documentation shows it. */
export const weather = { calls: [['read', { path: 'a.ts' }]] as [string, unknown][] };
export const args = ['{"path":', '"a.ts"}'] as const;
