import type { Config } from '../../ipc/config.ts';
import { toFault } from '../../ipc/fault.ts';
import type { Prices } from '../../ipc/model.ts';
import { type AskLocal, type AutoChoice, chooseAuto } from './auto.ts';
import { keyOrigin, openChoice, unset } from './keys.ts';
import { examples, resolveModel } from './resolve.ts';
import { baseUrlOf, type Environment, type KnownVendor, vendorIds, vendorNamed } from './vendors.ts';

/** A model that can be used now. `key` names the source of its key, never the key; null: it needs none. */
export type ListedModel = { ref: string; contextTokens: number; prices: Prices | null; key: string | null };

/** A vendor whose models can be used now, or the reason why not. */
export type ListedVendor = { id: string; name: string; models: ListedModel[]; why: string; usable: boolean };

export type ModelList = { auto: AutoChoice; vendors: ListedVendor[] };

/** The models that can be used now, and why the others cannot. Only servers on this machine are asked, all at once. */
export async function listModels(environment: Environment, config: Config, ask: AskLocal): Promise<ModelList> {
  const answers = new Map<string, Promise<string[] | null>>();
  const askOnce: AskLocal = (endpoint) => {
    const asked = answers.get(endpoint.vendor) ?? ask(endpoint);
    answers.set(endpoint.vendor, asked);
    return asked;
  };
  const listed = vendorIds(config).map((id) => listVendor(id, config, environment, askOnce));
  return { vendors: await Promise.all(listed), auto: await chooseAuto(environment, config, askOnce) };
}

async function listVendor(id: string, config: Config, environment: Environment, ask: AskLocal): Promise<ListedVendor> {
  try {
    const vendor = vendorNamed(id, config);
    const named = { id, name: vendor.name };
    const key = keyWords(vendor, environment);
    if (key.missing) return { ...named, models: [], why: key.words, usable: false };
    const baseUrl = baseUrlOf(vendor, environment);
    const names = vendor.local ? await served(vendor, baseUrl, environment, ask) : examples(vendor);
    const { host } = new URL(baseUrl);
    if (names === null) return { ...named, models: [], why: `no ${vendor.name} answers at ${host}`, usable: false };
    const models = names.map((name): ListedModel => {
      const { ref, facts } = resolveModel(`${id}/${name}`, config, environment);
      return { ref, contextTokens: facts.contextTokens, prices: facts.prices, key: key.name };
    });
    return { ...named, models, why: vendor.local ? `answers at ${host}` : key.words, usable: true };
  } catch (error) {
    return { id, name: id, models: [], why: toFault(error).message, usable: false };
  }
}

/** The models that a server on this machine lists. Its key, if it has one, is sent along. */
async function served(
  vendor: KnownVendor,
  baseUrl: string,
  environment: Environment,
  ask: AskLocal,
): Promise<string[] | null> {
  const { id, format, quirks, key } = vendor;
  const place = { vendor: id, format, baseUrl, quirks };
  const endpoint = await openChoice(
    { ref: id, vendor: id, endpoint: place, key, connection: vendor.own ?? {} },
    environment,
  );
  return endpoint && ask(endpoint);
}

function keyWords(
  { key }: KnownVendor,
  environment: Environment,
): { name: string | null; words: string; missing: boolean } {
  const origin = keyOrigin(key, environment);
  if (origin.type === 'variable') return { name: origin.name, words: `${origin.name} is set`, missing: false };
  if (origin.type === 'command')
    return { name: origin.program, words: `${origin.program} prints its key`, missing: false };
  if (origin.type === 'none') return { name: null, words: 'needs no key', missing: false };
  return { name: null, words: unset(key), missing: true };
}
