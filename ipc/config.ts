import * as z from 'zod/mini';
import { effort, prices, quirks, wireFormat } from './model.ts';
import { check } from './plan.ts';

/**
 * The effective configuration of a run, as it is written into `run.created`. Documented key by key in agents.toml.
 * A key that came later has a default here, so that logs from before it can be read.
 */
const count = z.number().check(z.int(), z.minimum(1));
/** Durations have a limit: a timer of the engine fires at once if it is set to more than 24 days. */
const minutes = z.number().check(z.int(), z.minimum(1), z.maximum(35_000));
const seconds = z.number().check(z.int(), z.minimum(1), z.maximum(2_000_000));
const amount = z.number().check(z.positive());

export const limits = z.object({
  agents: count,
  workspaces: count,
  disk_mb: count,
  turns: count,
  attempts: count,
  restarts: count,
  calls: count,
  tokens: z._default(count, 200_000_000),
  usd: z._default(amount, 20),
  task_calls: z._default(count, 1_500),
  task_tokens: z._default(count, 60_000_000),
  task_usd: z._default(amount, 10),
  depth: z._default(count, 3),
  starts: z._default(count, 200),
  background: z._default(count, 8),
  agent_minutes: z._default(minutes, 240),
  agent_memory_mb: z._default(count, 1024),
  reserve_mb: z._default(count, 512),
  approval_seconds: z._default(seconds, 7200),
  run_minutes: minutes,
  command_seconds: seconds,
  check_seconds: seconds,
  output_kb: count,
  file_mb: count,
  memory_mb: count,
  processes: count,
});
export type Limits = z.infer<typeof limits>;

/** The settings for calls to all models. */
export const modelSettings = z.object({
  connect_seconds: z._default(seconds, 20),
  first_token_seconds: z._default(seconds, 180),
  idle_seconds: z._default(seconds, 90),
  call_seconds: z._default(seconds, 1200),
  retries: z._default(count, 4),
  patience_seconds: z._default(seconds, 900),
  compact_at: z._default(z.number().check(z.minimum(0.1), z.maximum(0.95)), 0.75),
});

export const role = z.object({
  models: z.array(z.string()).check(z.minLength(1)),
  prompt: z.string(),
  tools: z.array(z.string()),
  effort: z.optional(effort),
  /** The tool by which its models edit files; `auto`: the one that the family of its first model is trained on. */
  edit_tool: z._default(z.enum(['auto', 'apply_patch', 'edit_file']), 'auto'),
  output_max: z._default(count, 16_000),
  /** Its agents are processes of their own, beside the foreground ones. */
  background: z._default(z.boolean(), false),
});

export type ModelSettings = z.infer<typeof modelSettings>;

export type Role = z.infer<typeof role>;

/** A model that the user describes, or corrects. */
export const configuredModel = z.object({
  context_tokens: z.optional(count),
  output_tokens: z.optional(count),
  usd_per_million: z.optional(prices),
  reasoning: z.optional(z.boolean()),
  images: z.optional(z.boolean()),
});

/** A vendor that the user adds, or a known vendor at another address. */
export const configuredProvider = z.object({
  base_url: z.optional(z.string()),
  format: z.optional(wireFormat),
  /** Name of the environment variable that holds the key. Keys themselves are never in a file. */
  api_key_env: z.optional(z.string()),
  /** A program that prints the key, with its arguments. */
  api_key_command: z.optional(z.array(z.string()).check(z.minLength(1))),
  /** A proxy's URL without a password, or `none`; absent: as the user's variables say. */
  proxy: z.optional(z.string()),
  /** PEM files of more authorities, and of a certificate of the user's with its key. */
  ca_file: z.optional(z.string()),
  client_cert_file: z.optional(z.string()),
  client_key_file: z.optional(z.string()),
  /** Name of the environment variable that holds the key's passphrase. */
  client_key_passphrase_env: z.optional(z.string()),
  quirks: z.optional(quirks),
  models: z.optional(z.record(z.string(), configuredModel)),
});

export const policyRules = z.object({
  allow: z.array(z.string()),
  ask: z.array(z.string()),
  deny: z.array(z.string()),
});
export type PolicyRules = z.infer<typeof policyRules>;

/** How the dashboard notifies a person that a run waits for them or has ended. */
const notify = z.enum(['bell', 'osc9', 'desktop']);
export type Notify = z.infer<typeof notify>;
export const screenSettings = z.object({ notify: z._default(z.array(notify), ['bell']) });

/** Globs of paths, relative to the work tree's top or absolute. */
export const pathRules = z.object({
  allow: z._default(z.array(z.string()), () => []),
  ask: z._default(z.array(z.string()), () => []),
  deny: z._default(z.array(z.string()), () => []),
});
export type PathRules = z.infer<typeof pathRules>;

export const webSearchSettings = z.object({
  url: z.optional(z.string()),
  body: z.optional(z.string()),
  key_env: z.optional(z.string()),
  key_header: z.optional(z.string()),
});
export type WebSearchSettings = z.infer<typeof webSearchSettings>;

export const config = z.object({
  limits,
  /** Hosts that commands may reach (sandbox/grants.ts). */
  network: z._default(
    z.object({
      /** Hosts, and registries as `registry:npm`. */
      allow: z.array(z.string()),
      /** Hosts of registries, in place of the usual ones, by their names. */
      registries: z._default(z.record(z.string(), z.array(z.string())), () => ({})),
    }),
    { allow: [], registries: {} },
  ),
  /** Where the web is searched (orchestrator/web/search-endpoint.ts). Without a URL: by the vendor of the model. */
  web_search: z._default(webSearchSettings, () => ({})),
  models: z._default(modelSettings, modelSettings.parse({})),
  screen: z._default(screenSettings, screenSettings.parse({})),
  providers: z._default(z.record(z.string(), configuredProvider), {}),
  plan: z.object({ files_per_task: count }),
  checks: z.object({ detect: z.boolean(), add: z.array(check), protect: z.array(z.string()) }),
  setup: z.object({ commands: z.array(z.string()), link_dependencies: z.boolean() }),
  policy: z.object({ commands: policyRules, paths: z._default(pathRules, () => ({ allow: [], ask: [], deny: [] })) }),
  roles: z.record(z.string(), role),
  language_servers: z.record(z.string(), z.array(z.string())),
});
export type Config = z.infer<typeof config>;
