import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Top of the vtcode package: one folder above this room, and one above `dist` in the built bundle. */
export const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));

export function packageFile(name: string): string {
  return readFileSync(join(packageRoot, name), 'utf8');
}

/** The version of this vtcode, as in its package.json. */
export function packageVersion(): string {
  return (JSON.parse(packageFile('package.json')) as { version: string }).version;
}
