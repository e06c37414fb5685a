import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'smol-toml';
import * as z from 'zod/mini';
import { Fault } from '../../ipc/fault.ts';

/**
 * The permanent permissions of a person: patterns for `policy.commands.allow`, in vtcode's own file beside the user's
 * agents.toml, so that vtcode never writes their file. A repository has none.
 */
export function standingFile(configFile: string): string {
  return join(dirname(configFile), 'approved.toml');
}

const content = z.strictObject({ allow: z.array(z.string()) });
const head = '# Commands that you allowed for good. Take a line out to be asked again.\n';

/** The patterns; empty without a file. Throws config_invalid. */
export function standingRules(configFile: string): string[] {
  const file = standingFile(configFile);
  if (!existsSync(file)) return [];
  try {
    return content.parse(parse(readFileSync(file, 'utf8'))).allow;
  } catch (cause) {
    throw new Fault('config_invalid', `${file} cannot be read: it is not what vtcode wrote.`, {
      cause,
      advice: 'Mend it, allow = ["npm run lint"] for example, or take it away.',
    });
  }
}

/** Adds a pattern. The file is replaced in one step, and only its user can read it. */
export function addStandingRule(configFile: string, pattern: string): string {
  const file = standingFile(configFile);
  const allow = [...new Set([...standingRules(configFile), pattern])];
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `${head}${stringify({ allow })}`, { mode: 0o600 });
  renameSync(next, file);
  return file;
}
