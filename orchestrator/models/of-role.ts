import type { Config } from '../../ipc/config.ts';
import { Fault } from '../../ipc/fault.ts';
import { hasPlan, isQuestion, plannerAgent } from '../../ipc/run-kind.ts';
import { askLocalModels } from '../../providers/catalog/probe.ts';
import { parseGoal } from '../../providers/embedded/goal.ts';
import { type AutoChoice, chooseAuto } from './auto.ts';
import { requireKey } from './keys.ts';
import { resolveChain } from './resolve.ts';
import type { Environment } from './vendors.ts';

type Job = { mode: 'plan' | 'work' | 'ask' | 'chat'; goal: string };

/**
 * The configuration with `auto` replaced by models that are there now, so that a resumed run uses the same ones; `why`
 * is one sentence for a person, and `notes` are remarks about the models. Throws model_unknown and key_missing before
 * anything is started: a chain needs a key for its first model, and a question needs a model that can answer it.
 */
export async function withModels(
  config: Config,
  environment: Environment,
  job: Job,
): Promise<{ config: Config; why: string; notes: string[]; seesImages: boolean }> {
  const names = hasPlan(job) ? [plannerAgent, 'coder'] : [isQuestion(job) ? 'explorer' : 'general'];
  const auto = names.some((name) => config.roles[name]?.models.includes('auto'));
  const needed = names.some((name) => config.roles[name]?.models.every((model) => model === 'auto'));
  const choice = auto ? await chooseFor(config, environment, job, needed) : null;
  const roles = Object.fromEntries(
    Object.entries(config.roles).map(([name, role]) => [
      name,
      { ...role, models: withoutAuto(role.models, choice?.models ?? ['embedded']) },
    ]),
  );
  const result = { ...config, roles };
  const notes = new Set<string>();
  let seesImages = false;
  for (const name of names) {
    const chain = resolveChain(roles[name]?.models ?? [], result, environment);
    if (chain[0]?.endpoint) requireKey(chain[0], environment);
    seesImages ||= chain[0]?.facts.images ?? false;
    for (const note of chain.flatMap((model) => model.notes)) notes.add(note);
  }
  const used = [...new Set(names.flatMap((name) => roles[name]?.models ?? []))].join(', ');
  return {
    config: result,
    why: choice ? `${used}: ${choice.why}` : `${used}: as agents.toml says`,
    notes: [...notes],
    seesImages,
  };
}

function withoutAuto(models: string[], chosen: string[]): string[] {
  const named = models.flatMap((model) => (model === 'auto' ? chosen : [model]));
  return named.length > 0 ? named : ['embedded'];
}

/**
 * Without a key, the embedded model does the goals that it can do; a model on this machine gets the others. A local
 * server is asked only if its model would be used. `needed`: a chain has only `auto`; the others go on without it.
 */
async function chooseFor(config: Config, environment: Environment, job: Job, needed: boolean): Promise<AutoChoice> {
  const understood = !isQuestion(job) && parseGoal(job.goal).kind !== 'unsupported';
  const choice = await chooseAuto(environment, config, understood ? async () => null : askLocalModels);
  if (choice.models[0] !== 'embedded' || understood) return choice;
  if (choice.offer !== null) return { ...choice, models: [choice.offer] };
  if (!needed) return { ...choice, models: [] };
  if (hasPlan(job)) return choice; // the embedded model reports itself which goals it can do
  throw new Fault('key_missing', 'No language model is there to do this: no key is set and no local server answers.', {
    advice:
      'Set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, start Ollama or LM Studio, or name a model in agents.toml. vtcode models shows all. What needs none: vtcode run "rename fetchUser to loadUser".',
  });
}
