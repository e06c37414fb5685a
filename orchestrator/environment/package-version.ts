import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { packageFolder } from '../../supervisor/program.ts';

/** The text of a file of the vtcode package; `name` is relative to the package's folder. */
export function packageFile(name: string): string {
  return readFileSync(join(packageFolder(), name), 'utf8');
}

const packageJson = z.object({ version: z.string() });

/** The version of this vtcode, as in its package.json. */
export function packageVersion(): string {
  return packageJson.parse(JSON.parse(packageFile('package.json'))).version;
}
