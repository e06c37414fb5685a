import type { Config } from '../../ipc/config.ts';
import { Fault } from '../../ipc/fault.ts';
import type { Endpoint, ModelFacts } from '../../ipc/model.ts';
import { nearest } from '../../ipc/nearest.ts';
import { isReadableOnTheWay } from '../../providers/catalog/base-url.ts';
import { modelFacts, modelsOf } from '../../providers/catalog/models.ts';
import type { ConnectionSettings } from './connections.ts';
import { baseUrlOf, type Environment, type KeySource, type KnownVendor, vendorNamed } from './vendors.ts';

/**
 * From the text of a configuration to a model that can be used.
 *
 * reference: `vendor/model`, `vendor` (its default model), `embedded`, or `auto`, which `chooseAuto` turns into others.
 * choice: a reference resolved, without its key. A key is fetched when the choice is opened, and lives in memory only.
 */
export type ModelChoice = {
  /** `vendor/model` in full, or `embedded`. */
  ref: string;
  vendor: string;
  /** The vendor's own name of the model. */
  name: string;
  facts: ModelFacts;
  /** Its endpoint without the key and the way there; null: inside vtcode. */
  endpoint: Omit<Endpoint, 'key' | 'proxy' | 'tls'> | null;
  key: KeySource;
  connection: ConnectionSettings;
  /** Remarks for a person before it is used, each a sentence. */
  notes: string[];
};

/** The assumed limits of a hosted model that is not in the table: all current ones have at least this. */
const assumedTokens = 128_000;
/**
 * The assumed context window of a server on this machine, whatever its model could do: by default Ollama and LM Studio
 * serve 4,096 to 32,768 tokens and silently drop the text beyond that. An agent does not fit in less than this: its
 * answer alone may take 16,000.
 */
const localTokens = 32_768;

const embedded: ModelChoice = {
  ref: 'embedded',
  vendor: 'embedded',
  name: 'embedded',
  facts: {
    contextTokens: Number.MAX_SAFE_INTEGER,
    outputTokensMax: null,
    prices: { input: 0, output: 0 },
    reasoning: false,
    images: false,
  },
  endpoint: null,
  key: { variables: [], command: null, optional: true },
  connection: {},
  notes: [],
};

/**
 * The model that a reference names; `auto` is not one. Throws model_unknown for an unknown vendor or a missing model,
 * config_invalid for a vendor without a base URL or format. A model that is not in the table is usable: its notes say
 * so. Looks for no key.
 */
export function resolveModel(ref: string, config: Config, environment: Environment): ModelChoice {
  if (ref === 'embedded') return embedded;
  const { vendor, name } = namedIn(ref, config);
  const baseUrl = baseUrlOf(vendor, environment);
  const { facts, notes } = factsOf(vendor, name);
  if (isReadableOnTheWay(baseUrl)) notes.push(`${vendor.id} is asked without encryption (${baseUrl}).`);
  return {
    ref: `${vendor.id}/${name}`,
    vendor: vendor.id,
    name,
    facts,
    endpoint: { vendor: vendor.id, format: vendor.format, baseUrl, quirks: vendor.quirks },
    key: vendor.key,
    connection: vendor.own ?? {},
    notes,
  };
}

/** The models of a chain, in order, none twice. Throws as `resolveModel`. */
export function resolveChain(refs: string[], config: Config, environment: Environment): ModelChoice[] {
  const choices = refs.map((ref) => resolveModel(ref, config, environment));
  return choices.filter((choice, at) => choices.findIndex(({ ref }) => ref === choice.ref) === at);
}

/** Throws as `resolveModel` when a configured reference is invalid in every environment. */
export function checkReference(ref: string, config: Config): void {
  if (ref !== 'embedded' && ref !== 'auto') namedIn(ref, config);
}

function namedIn(ref: string, config: Config): { vendor: KnownVendor; name: string } {
  const slash = ref.indexOf('/');
  const vendor = vendorNamed(slash === -1 ? ref : ref.slice(0, slash), config);
  const name = slash === -1 ? vendor.defaultModel : ref.slice(slash + 1);
  if (name) return { vendor, name };
  throw new Fault('model_unknown', `'${ref}' names the vendor, but no model of it.`, {
    advice: `A model is named vendor/model, e.g. ${vendor.id}/${examples(vendor)[0] ?? '<its name there>'}.`,
  });
}

/** Names of a vendor's known models, the user's own first. */
export function examples(vendor: KnownVendor): string[] {
  return [...new Set([...Object.keys(vendor.models), ...modelsOf(vendor.id)])];
}

function factsOf(vendor: KnownVendor, name: string): { facts: ModelFacts; notes: string[] } {
  const own = Object.hasOwn(vendor.models, name) ? vendor.models[name]! : null;
  const known = modelFacts(vendor.id, name);
  // Models that Ollama only passes on to its cloud are not served from here.
  const isHere = vendor.local && !/[:-]cloud$/.test(name);
  const served = isHere ? Math.min(known?.contextTokens ?? localTokens, localTokens) : known?.contextTokens;
  const facts: ModelFacts = {
    contextTokens: own?.context_tokens ?? served ?? assumedTokens,
    outputTokensMax: own?.output_tokens ?? known?.outputTokensMax ?? null,
    prices: own?.usd_per_million ?? known?.prices ?? (isHere ? { input: 0, output: 0 } : null),
    reasoning: own?.reasoning ?? known?.reasoning ?? false,
    images: own?.images ?? known?.images ?? false,
  };
  if (own?.context_tokens !== undefined || (known && !isHere)) return { facts, notes: [] };
  return { facts, notes: [assumption(vendor, name, facts, isHere)] };
}

function assumption(vendor: KnownVendor, name: string, facts: ModelFacts, isHere: boolean): string {
  const window = `${String(facts.contextTokens).replace(/\B(?=(\d{3})+$)/g, ',')} tokens`;
  const where = `context_tokens in [providers.${vendor.id}.models."${name}"]`;
  if (isHere) return `${vendor.id}/${name}: a window of ${window} is assumed; ${where} says what your server serves.`;
  const near = nearest(name, examples(vendor));
  const meant = near ? ` Near and known: ${near}.` : '';
  return `${vendor.id}/${name} is not in vtcode's table: a window of ${window} is assumed, ${
    facts.prices ? '' : 'and no price, so that limits in dollars do not count it; '
  }${where} says more.${meant}`;
}
