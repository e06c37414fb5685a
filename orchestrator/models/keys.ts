import { Fault } from '../../ipc/fault.ts';
import type { Endpoint } from '../../ipc/model.ts';
import { programOutput } from '../../supervisor/program-output.ts';
import { connectionOf } from './connections.ts';
import type { ModelChoice } from './resolve.ts';
import type { Environment, KeySource } from './vendors.ts';

/** The owner of a key: a choice, or a vendor without a model. */
type Keyed = Pick<ModelChoice, 'ref' | 'vendor' | 'endpoint' | 'key' | 'connection'>;

/** How long a key command may take, in milliseconds: enough for a person to unlock a password store. */
const keyCommandMs = 20_000;

/** The source of a key, without the key. none: no key is needed. missing: it is needed and not found. */
export type KeyOrigin =
  | { type: 'variable'; name: string }
  | { type: 'command'; program: string }
  | { type: 'none' }
  | { type: 'missing' };

/** Starts nothing: a configured command counts as a source without a test. An empty variable counts as not set. */
export function keyOrigin(key: KeySource, environment: Environment): KeyOrigin {
  const name = key.variables.find((variable) => environment[variable]?.trim());
  if (name !== undefined) return { type: 'variable', name };
  if (key.command) return { type: 'command', program: key.command[0] ?? '' };
  return { type: key.optional ? 'none' : 'missing' };
}

/**
 * The endpoint of a choice with its key, from the environment or the user's command, and the way there; null: the model is
 * inside vtcode. A command runs once per process. Throws key_missing, whose text never holds the key, and as `connectionOf`.
 */
export async function openChoice(choice: Keyed, environment: Environment): Promise<Endpoint | null> {
  if (choice.endpoint === null) return null;
  const origin = requireKey(choice, environment);
  const way = connectionOf(choice.vendor, choice.endpoint.baseUrl, choice.connection, environment);
  if (origin.type === 'none') return { ...choice.endpoint, ...way, key: null };
  const read = origin.type === 'variable' ? environment[origin.name] : await printedKey(choice, environment);
  return { ...choice.endpoint, ...way, key: cleanKey(read ?? '', choice.vendor, origin) };
}

/** The source of a choice's key. Throws key_missing if there is none. Starts nothing. */
export function requireKey(choice: Keyed, environment: Environment): Exclude<KeyOrigin, { type: 'missing' }> {
  const origin = keyOrigin(choice.key, environment);
  if (origin.type !== 'missing') return origin;
  throw new Fault('key_missing', `${choice.ref} needs a key: ${unset(choice.key)}.`, {
    advice: `Set it, or name a program that prints it: api_key_command = ["…"] in [providers.${choice.vendor}] of your agents.toml.`,
  });
}

/** e.g. `GEMINI_API_KEY is not set, nor GOOGLE_API_KEY`. */
export function unset({ variables }: KeySource): string {
  const [first = 'its variable', ...others] = variables;
  return `${first} is not set${others.map((name) => `, nor ${name}`).join('')}`;
}

const printed = new Map<string, Promise<string>>();

function printedKey(choice: Keyed, environment: Environment): Promise<string> {
  const command = choice.key.command ?? [];
  const id = JSON.stringify(command);
  const running = printed.get(id) ?? runKeyCommand(command, choice.vendor, environment);
  printed.set(id, running);
  running.catch(() => printed.delete(id)); // a person may correct the cause
  return running;
}

async function runKeyCommand(command: string[], vendor: string, environment: Environment): Promise<string> {
  const { code, stdout, stderr, reason } = await programOutput(command, {
    environment: Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >,
    directory: environment.HOME || '/',
    limitMs: keyCommandMs,
  });
  if (code === 0 && stdout.trim() !== '') return stdout;
  const words = stderr.trim().split('\n').slice(-5).join('\n');
  throw new Fault(
    'key_missing',
    `The key command of ${vendor} (${command[0]}) ${code === 0 ? 'printed nothing' : reason}.${words && `\n${words}`}`,
    { advice: `Run it yourself: api_key_command in [providers.${vendor}] of your agents.toml.` },
  );
}

/**
 * A key without the white space around it. It must fit into a header: the error about an invalid header would show it.
 */
function cleanKey(read: string, vendor: string, origin: KeyOrigin): string {
  const key = read.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  const from = origin.type === 'variable' ? origin.name : `what the key command of ${vendor} prints`;
  throw new Fault('key_missing', `${from} is no key: it has spaces, line breaks or signs that no key has.`, {
    advice: 'It must be the key alone, on one line.',
  });
}
