import type { ClientRequest, IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import type { Endpoint } from '../../ipc/model.ts';
import { modelsUrl } from './base-url.ts';

/** The longest answer that is read, in bytes: the longest list of models known has less than 1 MB. */
const bytesMax = 8 * 1024 * 1024;

/** How long a server on this machine may take to say that it is there, in milliseconds. */
const localServerMs = 300;

/** The names of the models that a server on this machine has; null: none answers. Never throws. */
export async function askLocalModels(endpoint: Endpoint): Promise<string[] | null> {
  const answer = await probe(endpoint, localServerMs);
  return answer.type === 'models' ? answer.models : null;
}

/**
 * A vendor's answer to a cheap request. models: it works, with the models it has. refused: 401 or 403. other: an answer
 * that makes no sense, e.g. HTML. unreachable: no answer; `code` as Node names it, e.g. ECONNREFUSED, or `timeout`.
 * `dateMs`: the vendor's clock, null when the answer has no date.
 */
export type ProbeAnswer =
  | { type: 'models'; models: string[]; dateMs: number | null }
  | { type: 'refused'; status: number; dateMs: number | null }
  | { type: 'other'; status: number; html: boolean; dateMs: number | null }
  | { type: 'unreachable'; code: string };

/**
 * Asks an endpoint for its list of models, or for `path` below its base URL, within `limitMs` in all. Never throws.
 */
export async function probe(endpoint: Endpoint, limitMs: number, path?: string): Promise<ProbeAnswer> {
  const url = path === undefined ? modelsUrl(endpoint.format, endpoint.baseUrl) : `${endpoint.baseUrl}${path}`;
  const { promise, resolve } = Promise.withResolvers<ProbeAnswer>();
  const fail = (error: NodeJS.ErrnoException) => resolve({ type: 'unreachable', code: error.code ?? error.message });
  let request: ClientRequest | undefined;
  const timer = setTimeout(() => {
    resolve({ type: 'unreachable', code: 'timeout' });
    request?.destroy();
  }, limitMs);
  try {
    // Loaded here and not at the top: the start of vtcode must not wait for the network's modules.
    const { startRequest } = await import('../http/connection.ts');
    request = startRequest(endpoint, new URL(withQuery(url, endpoint)), { headers: headersOf(endpoint) });
    request.on('error', fail);
    request.on('response', (response) => void readAnswer(response).then(resolve, fail));
    request.end();
    return await promise;
  } catch (error) {
    // For example, a key that cannot stand in a header; the error's message may hold the key.
    return { type: 'unreachable', code: (error as NodeJS.ErrnoException).code ?? 'ERR_REQUEST' };
  } finally {
    clearTimeout(timer);
    request?.destroy();
  }
}

function withQuery(url: string, { quirks }: Endpoint): string {
  return quirks.query === undefined ? url : `${url}?${quirks.query}`;
}

function headersOf({ format, key, quirks }: Endpoint): Record<string, string> {
  const version: Record<string, string> = format === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {};
  const common = { accept: 'application/json', 'user-agent': 'vtcode', ...version };
  if (key === null) return common;
  if (quirks.keyHeader !== undefined) return { ...common, [quirks.keyHeader]: key };
  if (format === 'anthropic') return { ...common, 'x-api-key': key };
  if (format === 'gemini') return { ...common, 'x-goog-api-key': key };
  return { ...common, authorization: `Bearer ${key}` };
}

async function readAnswer(response: IncomingMessage): Promise<ProbeAnswer> {
  const status = response.statusCode ?? 0;
  const date = Date.parse(response.headers.date ?? '');
  const dateMs = Number.isNaN(date) ? null : date;
  if (status === 401 || status === 403) return { type: 'refused', status, dateMs };
  const text = await readText(response);
  // Google answers a wrong key with 400.
  if (status === 400 && /API[_ ]KEY[_ ](INVALID|not valid)/i.test(text)) return { type: 'refused', status, dateMs };
  const models = status === 200 ? modelsIn(text) : null;
  if (models) return { type: 'models', models, dateMs };
  return { type: 'other', status, html: /^\s*<(!doctype|html)/i.test(text), dateMs };
}

async function readText(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bytesMax) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const named = z.object({ id: z.optional(z.string()), name: z.optional(z.string()) });
const list = z.catch(z.optional(z.array(named)), undefined);
const listOfModels = z.object({ data: list, models: list });

/** The names in a list of models: OpenAI and Anthropic say `data` and `id`, Gemini says `models` and `name`. */
function modelsIn(text: string): string[] | null {
  const parsed = listOfModels.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const entries = parsed.data.data ?? parsed.data.models ?? [];
  return entries.flatMap(({ id, name }) => (id ?? name)?.replace(/^models\//, '') ?? []);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the answer is no JSON: the caller reports it
  }
}
