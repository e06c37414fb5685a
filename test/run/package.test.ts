import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryFolder } from '../support/repository.ts';

/**
 * Goal: the package holds what a user needs and nothing else. Method: pack it and look inside. `npm run test:world` installs it.
 */
const root = join(import.meta.dirname, '..', '..');
const folder = temporaryFolder('package');
const npm = (...args: string[]) =>
  execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
let tarball = '';

before(() => {
  // The bundle is there already (npm test builds it); building it again would take it away from the other tests.
  tarball = join(folder, npm('pack', '--ignore-scripts', '--silent', '--pack-destination', folder).trim());
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds the programs, the prompts, the configuration and the pages, and nothing else', () => {
  const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
  const places = new Set(
    files.map((file) => file.replace(/^package\//, '').replace(/^(dist|docs\/decisions|docs|agents|cli)\/.*/, '$1/')),
  );
  assert.deepEqual([...places].sort(), [
    'LICENSE',
    'README.md',
    'agents.toml',
    'agents/',
    'cli/',
    'dist/',
    'docs/',
    'docs/decisions/',
    'package.json',
  ]);
  assert.deepEqual(
    files.filter((file) => file.endsWith('.ts')),
    [],
  );
});
