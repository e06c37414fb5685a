/** Goal: the built bundle holds against a provider of others too. Method: aimock.test.ts, with the bundle's providers. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const folder = 'node_modules/.cache/vtcode-formats-world';
execFileSync(process.execPath, ['scripts/build.mjs', folder, 'open=providers/formats/open.ts'], { cwd: root });
process.env.VTCODE_TEST_PROVIDERS = join(root, folder, 'open.js');
await import('./aimock.test.ts');
