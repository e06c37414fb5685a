import type { Config } from '../../ipc/config.ts';
import { Fault } from '../../ipc/fault.ts';
import type { Quirks, WireFormat } from '../../ipc/model.ts';
import { nearest } from '../../ipc/nearest.ts';
import { normalBaseUrl } from '../../providers/catalog/base-url.ts';
import { vendorsOf } from '../../providers/catalog/models.ts';
import { type Vendor, vendors } from '../../providers/catalog/vendors.ts';

/** The source of a key: the first of the variables that is set, else the command's output. */
export type KeySource = { variables: string[]; command: string[] | null; optional: boolean };

/**
 * A vendor with this user's settings: the table's row, overridden by `[providers.<id>]` of the user's configuration.
 */
export type KnownVendor = {
  id: string;
  name: string;
  format: WireFormat;
  key: KeySource;
  quirks: Quirks;
  local: boolean;
  defaultModel: string | null;
  openList: true | string | null;
  /** Models that the user describes. */
  models: NonNullable<ConfiguredProvider['models']>;
  row: Vendor | null;
  own: ConfiguredProvider | null;
};

type ConfiguredProvider = Config['providers'][string];

export type Environment = Readonly<Record<string, string | undefined>>;

/** Ids of all vendors: those of the table in its order, then those that the user adds. */
export function vendorIds(config: Config): string[] {
  return [...new Set([...Object.keys(vendors), ...Object.keys(config.providers)])];
}

/** Throws model_unknown when no vendor has this name, config_invalid when the user's own vendor has no format. */
export function vendorNamed(id: string, config: Config): KnownVendor {
  const row = Object.hasOwn(vendors, id) ? vendors[id]! : null;
  const own = Object.hasOwn(config.providers, id) ? config.providers[id]! : null;
  const format = own?.format ?? row?.format;
  if (!row && !own) throw unknownVendor(id, config);
  if (format === undefined)
    throw new Fault('config_invalid', `The provider '${id}' of your configuration has no format.`, {
      advice: `Add format = "openai-chat" (or openai-responses, anthropic, gemini) to [providers.${id}] in your agents.toml.`,
    });
  return {
    id,
    name: row?.name ?? id,
    format,
    key: keySource(row, own),
    quirks: { ...(format === row?.format ? row.quirks : {}), ...own?.quirks },
    local: row?.local ?? false,
    defaultModel: row?.defaultModel ?? Object.keys(own?.models ?? {})[0] ?? null,
    openList: row?.openList ?? null,
    models: own?.models ?? {},
    row,
    own,
  };
}

function keySource(row: Vendor | null, own: ConfiguredProvider | null): KeySource {
  const command = own?.api_key_command ?? null;
  if (own?.api_key_env !== undefined) return { variables: [own.api_key_env], command, optional: false };
  // The user's configured command counts even if a variable with the vendor's usual name is set.
  if (command) return { variables: [], command, optional: false };
  // A vendor of the user's without any key setting needs none.
  return { variables: row?.keyVariables ?? [], command, optional: row ? (row.keyOptional ?? false) : true };
}

/** Throws config_invalid when the base URL is missing or invalid. */
export function baseUrlOf(vendor: KnownVendor, environment: Environment): string {
  const { row, own, id, format } = vendor;
  const variable = row?.baseUrlVariable ?? '';
  const written = own?.base_url ?? (environment[variable] || row?.baseUrl);
  if (!written)
    throw new Fault('config_invalid', `The provider '${id}' has no base_url: vtcode does not know where to ask it.`, {
      advice: `Add base_url = "https://…" to [providers.${id}] in your agents.toml${variable && `, or set ${variable}`}.`,
    });
  const url = normalBaseUrl(written, format, row ?? undefined);
  if (url !== null) return url;
  const place = own?.base_url === undefined ? variable : `base_url of [providers.${id}]`;
  throw new Fault('config_invalid', `${place} is not a base URL.`, {
    advice: 'It starts with https:// (or http://) and holds neither a password nor a query: quirks.query has that.',
  });
}

function unknownVendor(id: string, config: Config): Fault {
  const called = Object.keys(vendors).find((known) => vendors[known]?.otherNames?.includes(id.toLowerCase()));
  const selling = vendorsOf(id)[0];
  const meant = called ?? (selling && `${selling}/${id}`) ?? nearest(id, [...vendorIds(config), 'embedded', 'auto']);
  return new Fault('model_unknown', `There is no vendor '${id}'${meant ? `; did you mean ${meant}?` : '.'}`, {
    advice:
      'A model is named vendor/model; vtcode models lists them, and [providers.<name>] in your agents.toml adds a vendor.',
  });
}
