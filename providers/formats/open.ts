import type { Deadlines, Endpoint, Provider, WireFormat } from '../../ipc/model.ts';

/**
 * The models' door. A provider answers one request as a stream of events and never throws: deltas, then an end or a
 * failure. A provider never retries: the governor does.
 */

/** Loads the code for these formats. A vendor's SDK is loaded only when its format is used. */
export async function loadFormats(formats: WireFormat[]): Promise<void> {
  await Promise.all(formats.map(load));
}

/** The provider that asks `endpoint`, within `deadlines`. */
export async function openProvider(endpoint: Endpoint, deadlines: Deadlines): Promise<Provider> {
  const { open } = await load(endpoint.format);
  return open(endpoint, deadlines);
}

type Format = { open: (endpoint: Endpoint, deadlines: Deadlines) => Provider };

function load(format: WireFormat): Promise<Format> {
  if (format === 'anthropic') return import('./anthropic.ts');
  if (format === 'openai-chat') return import('./openai-chat.ts');
  if (format === 'openai-responses') return import('./openai-responses.ts');
  return import('./gemini.ts');
}
