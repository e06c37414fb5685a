import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../supervisor/program.ts';

/** The text of a file of the vtcode package; `name` is relative to the package's folder. */
export function packageFile(name: string): string {
  return readFileSync(join(packageFolder(), name), 'utf8');
}

/** The version of this vtcode, as in its package.json. */
export function packageVersion(): string {
  return (JSON.parse(packageFile('package.json')) as { version: string }).version;
}
