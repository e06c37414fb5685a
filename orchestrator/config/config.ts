import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import * as z from 'zod/mini';
import {
  type Config,
  config,
  configuredModel,
  configuredProvider,
  limits,
  modelSettings,
  pathRules,
  role,
  screenSettings,
} from '../../ipc/config.ts';
import { Fault, toFault } from '../../ipc/fault.ts';
import { prices, quirks } from '../../ipc/model.ts';
import { check } from '../../ipc/plan.ts';
import { proxyUrl } from '../../providers/http/proxy-variables.ts';
import { narrowGrants } from '../../sandbox/grants.ts';
import { ruleMistake } from '../../security/rules/rule.ts';
import { packageFolder } from '../../supervisor/program.ts';
import { packageFile } from '../environment/package-version.ts';
import { checkReference } from '../models/resolve.ts';
import { grantMistake, hostsOf, registryNames, webSearchGrant } from './registries.ts';
import { isSearchBody, isSearchUrl } from './search-settings.ts';
import { standingRules } from './standing-rules.ts';
import { describeIssue, lineOf } from './toml-location.ts';
import { type Trust, trustIn } from './trust.ts';

/** A schema for any part of an object: a field that a layer omits stays omitted, even if the whole has a default. */
function partOf<Shape extends Record<string, z.ZodMiniType>>(whole: z.ZodMiniObject<Shape>) {
  const parts = Object.entries(whole.shape).map(([key, field]) => [
    key,
    z.optional(field instanceof z.ZodMiniDefault ? (field._zod.def.innerType as z.ZodMiniType) : field),
  ]);
  return z.strictObject(Object.fromEntries(parts) as { [Key in keyof Shape]: z.ZodMiniOptional<Shape[Key]> });
}

/** If a person writes a key instead of its variable's name, it must be neither kept nor shown: no key matches this. */
const variableName = z
  .string()
  .check(
    z.regex(
      /^[A-Z_][A-Z0-9_]{0,63}$/,
      'must be the name of a variable, in capital letters; a key itself never stands in a file',
    ),
  );

/** A reference is divided at its first slash; two names are reserved. */
const providerName = z
  .string()
  .check(z.regex(/^(?!(embedded|auto)$)\w[\w.-]*$/, 'must be letters, digits, dots and dashes, not embedded or auto'));

/** A password must be neither kept nor shown: its place is the variable. */
const proxy = z
  .string()
  .check(
    z.refine(
      (written) => written === 'none' || (proxyUrl(written) !== null && !/@/.test(written)),
      'must be "none" or a URL of http, https or socks5 without user and password: HTTPS_PROXY may hold those',
    ),
  );

const provider = z.strictObject({
  ...configuredProvider.shape,
  api_key_env: z.optional(variableName),
  client_key_passphrase_env: z.optional(variableName),
  proxy: z.optional(proxy),
  quirks: z.optional(z.strictObject(quirks.shape)),
  models: z.optional(
    z.record(
      z.string(),
      z.strictObject({ ...configuredModel.shape, usd_per_million: z.optional(z.strictObject(prices.shape)) }),
    ),
  ),
});

/** Hosts that commands may connect to. */
const hosts = z.array(
  z
    .string()
    .check(
      z.refine(
        (host) => grantMistake(host) === undefined,
        'must be a host: "api.example.org", "*.example.org", "10.0.0.7", or one of them with ":8443"; or a registry: "registry:npm", registry:pypi, crates, go, rubygems, maven, nuget, packagist, hex, pub',
      ),
    ),
);

/** The name of a registry, without `registry:`. */
const registryName = z
  .string()
  .check(
    z.refine(
      (name) => grantMistake(`registry:${name}`) === undefined,
      `no such registry; known: ${registryNames.join(', ')}`,
    ),
  );

/** An endpoint that searches the web, with the key's variable named, never the key. */
const searchEndpoint = z.strictObject({
  url: z
    .string('must be given: the URL of the endpoint, with {query} in it')
    .check(z.refine(isSearchUrl, 'must be a URL of http or https without user and password')),
  body: z.optional(z.string().check(z.refine(isSearchBody, 'must be JSON with {query} in a text'))),
  key_env: z.optional(variableName),
  key_header: z.optional(z.string().check(z.regex(/^[\w-]+$/, 'must be the name of a header'))),
});

/** The settings of one layer: any part of the whole. */
const layer = z.strictObject({
  limits: z.optional(partOf(limits)),
  network: z.optional(
    z.strictObject({ allow: z.optional(hosts), registries: z.optional(z.record(registryName, hosts)) }),
  ),
  web_search: z.optional(searchEndpoint),
  models: z.optional(partOf(modelSettings)),
  screen: z.optional(partOf(screenSettings)),
  providers: z.optional(z.record(providerName, provider)),
  plan: z.optional(z.strictObject(z.partial(config.shape.plan).shape)),
  checks: z.optional(
    z.strictObject({
      detect: z.optional(z.boolean()),
      add: z.optional(z.array(z.strictObject(check.shape))),
      protect: z.optional(z.array(z.string())),
    }),
  ),
  setup: z.optional(z.strictObject(z.partial(config.shape.setup).shape)),
  policy: z.optional(
    z.strictObject({
      commands: z.optional(z.strictObject({ allow: rules('allow'), ask: rules('ask'), deny: rules('deny') })),
      paths: z.optional(partOf(pathRules)),
    }),
  ),
  roles: z.optional(z.record(z.string(), partOf(role))),
  language_servers: z.optional(z.record(z.string(), z.array(z.string()))),
});
type Layer = z.infer<typeof layer>;

function rules(kind: 'allow' | 'ask' | 'deny') {
  const rule = z.string().check(
    z.superRefine((text, context) => {
      const message = ruleMistake(text, kind);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
  );
  return z.optional(z.array(rule));
}

export type LoadedConfig = { config: Config; notes: string[] };

/**
 * The effective configuration: shipped < the user's file < the repository's file (narrowing only). Throws
 * config_invalid with file, line and the expected form. `notes` names the settings of a repository's file that were
 * ignored.
 */
export function loadConfig(userFile: string, repositoryFile: string | null): LoadedConfig {
  const shipped = parseLayer(packageFile('agents.toml'), 'agents.toml (shipped)');
  const result = structuredClone(shipped) as Config;
  if (existsSync(userFile)) {
    const text = textOf(userFile);
    const own = parseLayer(text, userFile);
    merge(result, own);
    checkReferences(result, own, { text, file: userFile, tools: toolsOf(shipped) });
  }
  result.policy.commands.allow.push(...standingRules(userFile));
  const notes: string[] = [];
  if (repositoryFile !== null && existsSync(repositoryFile))
    narrowByRepository(result, repositoryFile, trustIn(userFile, dirname(repositoryFile)), notes);
  return { config: config.parse(result), notes };
}

/** A run must never use another model than the named one. Needs no key and makes no request. */
function checkReferences(
  target: Config,
  own: Layer,
  { text, file, tools: known }: { text: string; file: string; tools: string[] },
): void {
  for (const [name, { models = [], prompt, tools = [] }] of Object.entries(own.roles ?? {})) {
    if (prompt !== undefined && !isPrompt(prompt))
      throw new Fault(
        'config_invalid',
        `${file}:${lineOf(text, ['roles', name, 'prompt'])}: roles.${name}.prompt: there is no prompt '${prompt}'.`,
        {
          advice: 'There are planner, coder, general, explorer and reviewer.',
        },
      );
    const unknown = tools.find((tool) => !known.includes(tool));
    if (unknown !== undefined)
      throw new Fault(
        'config_invalid',
        `${file}:${lineOf(text, ['roles', name, 'tools'])}: roles.${name}.tools: there is no tool '${unknown}'.`,
        { advice: `There are ${known.join(', ')}.` },
      );
    for (const ref of models)
      try {
        checkReference(ref, target);
      } catch (error) {
        const { code, message, advice } = toFault(error);
        const line = lineOf(text, ['roles', name, 'models']);
        throw new Fault(code, `${file}:${line}: roles.${name}.models: ${message}`, { ...(advice && { advice }) });
      }
  }
}

/** Every tool: each belongs to some shipped role. */
function toolsOf(shipped: Layer): string[] {
  return [...new Set(Object.values(shipped.roles ?? {}).flatMap(({ tools = [] }) => tools))].sort();
}

function isPrompt(name: string): boolean {
  return /^\w+$/.test(name) && existsSync(join(packageFolder(), 'agents', `${name}.md`));
}

function textOf(file: string): string {
  try {
    // Reading a pipe would wait without end.
    if (!statSync(file).isFile()) throw new Error('it is no file');
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fault('config_invalid', `${file} cannot be read (${(cause as Error).message}).`, {
      cause,
      advice: 'Make it a file that you may read, or take it away.',
    });
  }
}

function parseLayer(text: string, file: string): Layer {
  let raw: unknown;
  try {
    raw = parseToml(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const what = cause.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '');
    throw new Fault('config_invalid', `${file}:${cause.line}: ${what}`, {
      cause,
      advice: 'Mend that line; the shipped agents.toml shows every key.',
    });
  }
  const parsed = layer.safeParse(raw);
  if (parsed.success) return parsed.data as Layer;
  const issue = parsed.error.issues[0]!;
  const described = describeIssue(issue, layer);
  throw new Fault('config_invalid', `${file}:${lineOf(text, described.path)}: ${described.what}`, {
    advice: 'Mend that line; the shipped agents.toml shows every key.',
  });
}

function merge(target: Config, from: Layer): void {
  Object.assign(target.limits, from.limits);
  target.models = { ...target.models, ...from.models };
  target.network = { ...target.network, ...from.network };
  if (from.web_search) target.web_search = from.web_search;
  Object.assign(target.plan, from.plan);
  Object.assign(target.checks, from.checks);
  Object.assign(target.setup, from.setup);
  Object.assign(target.language_servers, from.language_servers);
  Object.assign(target.models, from.models);
  if (from.screen) target.screen = { ...target.screen, ...from.screen };
  target.providers = { ...target.providers, ...from.providers } as Config['providers'];
  for (const kind of ['allow', 'ask', 'deny'] as const) {
    const rules = from.policy?.commands?.[kind];
    if (rules) target.policy.commands[kind] = [...new Set([...target.policy.commands[kind], ...rules])];
    target.policy.paths[kind].push(...(from.policy?.paths?.[kind] ?? []));
  }
  for (const [name, wanted] of Object.entries(from.roles ?? {}))
    target.roles[name] = { ...(target.roles[name] ?? target.roles.coder!), ...wanted };
}

/** The repository's file narrows; its set-up commands need trust, because they run before a person sees them. */
function narrowByRepository(target: Config, file: string, trust: Trust, notes: string[]): void {
  const text = textOf(file);
  const layer = parseLayer(text, file);
  const isTrusted = !layer.setup?.commands?.length || trust(basename(file), text);
  if (!isTrusted)
    notes.push(
      `setup.commands of ${basename(file)} is ignored until you trust it: vtcode trust -C ${dirname(file)} shows it and asks once.`,
    );
  const { commands: _, ...setup } = layer.setup ?? {};
  narrow(target, isTrusted ? layer : { ...layer, setup }, notes);
}

/** Takes from a repository's file the settings that make the run do less, and returns the ignored ones. */
function narrow(target: Config, from: Layer, notes: string[]): void {
  for (const [key, value] of Object.entries(from.limits ?? {})) {
    const name = key as keyof Config['limits'];
    // The more space must stay free, the less the run does.
    if (name === 'reserve_mb') target.limits.reserve_mb = Math.max(value, target.limits.reserve_mb);
    else if (value < (target.limits[name] ?? Number.POSITIVE_INFINITY)) target.limits[name] = value;
    else if (value > target.limits[name])
      notes.push(`limits.${key} = ${value} is ignored: a repository can only lower a limit.`);
  }
  Object.assign(target.plan, from.plan);
  narrowChecks(target.checks, from.checks ?? {}, notes);
  if (from.setup?.commands) target.setup.commands = from.setup.commands;
  if (from.setup?.link_dependencies === false) target.setup.link_dependencies = false;
  for (const kind of ['ask', 'deny'] as const) {
    target.policy.commands[kind].push(...(from.policy?.commands?.[kind] ?? []));
    target.policy.paths[kind].push(...(from.policy?.paths?.[kind] ?? []));
  }
  if (from.network) {
    const { network } = target;
    const wanted = hostsOf(from.network.allow ?? network.allow, network);
    const { allow, ignored } = narrowGrants(hostsOf(network.allow, network), wanted);
    const searches = [network.allow, from.network.allow ?? network.allow].every((all) => all.includes(webSearchGrant));
    target.network = { ...network, allow: [...allow, ...(searches ? [webSearchGrant] : [])] };
    if (from.network.allow?.includes(webSearchGrant) && !searches)
      notes.push(
        'network.allow: web_search is ignored: a repository cannot allow searches. Grant it in your own file.',
      );
    if (from.network.registries) notes.push('network.registries is ignored: a repository cannot open the network.');
    for (const host of ignored)
      notes.push(`network.allow: ${host} is ignored: a repository cannot open the network. Grant it in your own file.`);
  }
  if (from.policy?.commands?.allow?.length)
    notes.push('policy.commands.allow is ignored: a repository cannot allow commands.');
  if (from.policy?.paths?.allow?.length) notes.push('policy.paths.allow is ignored: a repository cannot allow paths.');
  if (from.web_search) notes.push('web_search is ignored: a repository cannot say where the web is searched.');
  if (from.models) notes.push('models is ignored: a repository cannot change how models are asked.');
  if (from.screen) notes.push('screen is ignored: a repository cannot say what you are told.');
  if (from.providers)
    notes.push('providers is ignored: a repository cannot say where models are asked, nor where keys come from.');
  if (from.roles) notes.push('roles is ignored: a repository cannot change models, prompts or tools.');
  if (from.language_servers) notes.push('language_servers is ignored: a repository cannot name programs to start.');
}

/** A repository adds checks and protections to the user's, and removes none. */
function narrowChecks(target: Config['checks'], from: NonNullable<Layer['checks']>, notes: string[]): void {
  if (from.detect !== undefined) target.detect = from.detect;
  target.protect = [...target.protect, ...(from.protect ?? [])];
  const own = new Set(target.add.map(({ name }) => name));
  for (const wanted of from.add ?? [])
    if (own.has(wanted.name))
      notes.push(`The check '${wanted.name}' in checks.add is ignored: your own configuration has one of that name.`);
    else target.add.push(wanted as Config['checks']['add'][number]);
}

/** The configuration with the limits that were given together with the goal: they override every file. */
export function withAsked(config: Config, { usd }: { usd?: number | undefined }): Config {
  if (usd === undefined) return config;
  return { ...config, limits: { ...config.limits, usd, task_usd: Math.min(usd, config.limits.task_usd) } };
}
