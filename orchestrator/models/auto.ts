import type { Config } from '../../ipc/config.ts';
import type { Endpoint } from '../../ipc/model.ts';
import { keyOrigin } from './keys.ts';
import { baseUrlOf, type Environment, type KnownVendor, vendorIds, vendorNamed } from './vendors.ts';

/**
 * The result of `auto`. `models`: the chain, as references. `why`: the reason, for a person. `offer`: a model on this
 * machine that could be used instead of the embedded one, if the user names it; null: no local server answers.
 */
export type AutoChoice = { models: string[]; why: string; offer: string | null };

/** The names of the models on a server; null: it does not answer. */
export type AskLocal = (endpoint: Endpoint) => Promise<string[] | null>;

/**
 * The first vendor with a key, with its default model; without any key the embedded model, and the offer of a local
 * server that answers. Never throws; makes no request when there is a key.
 */
export async function chooseAuto(environment: Environment, config: Config, ask: AskLocal): Promise<AutoChoice> {
  const known = reachable(environment, config);
  const withKey = known.flatMap(({ vendor }) => {
    const origin = keyOrigin(vendor.key, environment);
    if (vendor.local || vendor.defaultModel === null) return [];
    if (origin.type === 'variable') return [{ vendor, reason: `${origin.name} is set` }];
    return origin.type === 'command' ? [{ vendor, reason: `${origin.program} prints its key` }] : [];
  });
  const [first, ...others] = withKey;
  if (first) {
    const more = others.map(({ vendor }) => vendor.id).join(', ');
    const hint = more && `; so is a key of ${more}: a chain of models in your agents.toml would go on there`;
    return { models: [`${first.vendor.id}/${first.vendor.defaultModel}`], why: first.reason + hint, offer: null };
  }
  const servers = known.filter(({ vendor }) => vendor.local);
  const answers = await Promise.all(servers.map((server) => firstModel(server, ask)));
  const at = answers.findIndex((model) => model !== null);
  const server = servers[at];
  if (server)
    return {
      models: ['embedded'],
      why: `no vendor's key is set; ${server.vendor.name} answers at ${new URL(server.baseUrl).host}`,
      offer: `${server.vendor.id}/${answers[at]}`,
    };
  return { models: ['embedded'], why: "no vendor's key is set and no local server answers", offer: null };
}

function reachable(environment: Environment, config: Config): { vendor: KnownVendor; baseUrl: string }[] {
  return vendorIds(config).flatMap((id) => {
    try {
      const vendor = vendorNamed(id, config);
      return [{ vendor, baseUrl: baseUrlOf(vendor, environment) }];
    } catch {
      return []; // a vendor that is not set up: using it by name gives the reason
    }
  });
}

async function firstModel(
  { vendor, baseUrl }: { vendor: KnownVendor; baseUrl: string },
  ask: AskLocal,
): Promise<string | null> {
  const { id, format, quirks } = vendor;
  const models = await ask({ vendor: id, format, baseUrl, key: null, quirks });
  return models?.find((model) => !/embed/i.test(model)) ?? null; // a model that only embeds cannot answer
}
