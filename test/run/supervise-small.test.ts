import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';

/**
 * Goal: `supervise`, which lives as long as there is anything to keep alive, stays small and holds no client of a model.
 * Method: its program is bundled as the build does, and what it loads without being asked to is looked at.
 */
const root = join(import.meta.dirname, '..', '..');

test('supervise loads no agent, no model client, no hands, no shell parser and no engine of threads, and is small', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/commands/supervise.ts'],
    outdir: 'nowhere',
    ...{ bundle: true, splitting: true, write: false, metafile: true, minify: true },
    ...{ format: 'esm', platform: 'node', packages: 'external' },
  });
  const start = Object.keys(metafile.outputs).find((name) => name.endsWith('/supervise.js')) ?? '';
  const loaded = new Set([start]);
  for (const name of loaded)
    for (const { path, kind } of metafile.outputs[name]?.imports ?? [])
      if (kind === 'import-statement') loaded.add(path);
  const files = [...loaded].flatMap((name) => Object.keys(metafile.outputs[name]?.inputs ?? {}));
  const packages = [...loaded].filter((name) => !(name in metafile.outputs) && !name.startsWith('node:'));
  assert.ok(files.includes('orchestrator/runs/supervise.ts'), files.join(' '));
  const rooms = [...new Set(files.map((file) => file.split('/')[0]))].sort();
  assert.deepEqual(rooms, ['cli', 'ipc', 'orchestrator', 'state', 'supervisor']);
  assert.deepEqual(packages.sort(), ['better-sqlite3', 'fastest-levenshtein', 'nanoid', 'xstate', 'zod/mini']);
  const bytes = [...loaded].reduce((sum, name) => sum + (metafile.outputs[name]?.bytes ?? 0), 0);
  assert.ok(bytes < 80_000, `${bytes} bytes`); // 50,000 when this was written
});
