import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** Below node_modules, where git does not look and the packages that stay outside of a bundle are found. */
const folder = 'node_modules/.cache/vtcode-bench';

/** The measured parts, bundled and minified as they are in dist/, and beside them the hands that they start. */
export async function bundledParts(): Promise<typeof import('./parts.ts')> {
  execFileSync(process.execPath, ['scripts/build.mjs', folder, 'parts=bench/parts.ts', 'hands=tools/program/main.ts'], {
    cwd: root,
  });
  return (await import(join(root, folder, 'parts.js'))) as typeof import('./parts.ts');
}
