import type { Deadlines, Endpoint, Provider, WireFormat } from '../ipc/model.ts';

/** Loads what speaks these formats. A vendor's SDK is loaded only when its format is used. */
export async function loadFormats(formats: WireFormat[]): Promise<void> {
  await Promise.all(formats.map(load));
}

/** The provider that asks `endpoint`, within `deadlines`. */
export async function openProvider(endpoint: Endpoint, deadlines: Deadlines): Promise<Provider> {
  const open = await load(endpoint.format);
  return open(endpoint, deadlines);
}

type Open = (endpoint: Endpoint, deadlines: Deadlines) => Provider;

async function load(format: WireFormat): Promise<Open> {
  throw new Error(`no provider for ${format} yet`);
}
