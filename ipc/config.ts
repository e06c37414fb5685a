import * as z from 'zod/mini';
import { check } from './plan.ts';

/** The effective configuration of a run, as it is written into `run.created`. Documented key by key in agents.toml. */
const count = z.number().check(z.int(), z.minimum(1));

export const limits = z.object({
  agents: count,
  workspaces: count,
  disk_mb: count,
  turns: count,
  attempts: count,
  restarts: count,
  calls: count,
  run_minutes: count,
  command_seconds: count,
  check_seconds: count,
  output_kb: count,
  file_mb: count,
  memory_mb: count,
  processes: count,
});
export type Limits = z.infer<typeof limits>;

export const role = z.object({
  models: z.array(z.string()).check(z.minLength(1)),
  prompt: z.string(),
  tools: z.array(z.string()),
});

export const policyRules = z.object({
  allow: z.array(z.string()),
  ask: z.array(z.string()),
  deny: z.array(z.string()),
});
export type PolicyRules = z.infer<typeof policyRules>;

export const config = z.object({
  limits,
  plan: z.object({ files_per_task: count }),
  checks: z.object({ detect: z.boolean(), add: z.array(check), protect: z.array(z.string()) }),
  setup: z.object({ commands: z.array(z.string()), link_dependencies: z.boolean() }),
  policy: z.object({ commands: policyRules }),
  roles: z.record(z.string(), role),
  language_servers: z.record(z.string(), z.array(z.string())),
});
export type Config = z.infer<typeof config>;
