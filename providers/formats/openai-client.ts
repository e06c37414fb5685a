import OpenAI from 'openai';
import type { Endpoint } from '../../ipc/model.ts';
import type { Fetch } from '../http/transport.ts';

/** OpenAI's client for one call: the transport holds the key, retries are the host's and deadlines ours. */
export function openaiClient(endpoint: Endpoint, fetch: Fetch): OpenAI {
  return new OpenAI({
    baseURL: endpoint.baseUrl,
    apiKey: 'held-by-the-transport',
    organization: null,
    project: null,
    webhookSecret: null,
    adminAPIKey: null,
    maxRetries: 0,
    timeout: 2 ** 31 - 1,
    fetch: fetch as unknown as typeof globalThis.fetch,
    logLevel: 'off',
  });
}
