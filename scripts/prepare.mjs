// Builds dist/ after an install in a checkout. Without the development dependencies there is nothing to build with.
import { createRequire } from 'node:module';

try {
  createRequire(import.meta.url).resolve('esbuild');
} catch {
  process.stdout.write('vtcode: dist/ is not built, because the development dependencies are not installed.\n');
  process.exit(0);
}
await import('./build.mjs');
