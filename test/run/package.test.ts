import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeRepository, temporaryFolder } from '../support/repository.ts';

/**
 * Goal: what a user installs is what they need, and it works. Method: pack, install globally under a folder of our own,
 * and do a run with it. Needs the npm registry, as any install does.
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

test('the installed package says its version, its help and does a run', () => {
  npm('install', '--global', '--prefix', join(folder, 'global'), '--prefer-offline', tarball);
  const vtcode = join(folder, 'global', 'bin', 'vtcode');
  const repository = makeRepository({ 'a.ts': 'export function one() {}\none();\n', 'package.json': '{}\n' });
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    XDG_STATE_HOME: join(folder, 'state'),
  };
  const call = (...args: string[]) =>
    execFileSync(vtcode, args, { cwd: repository.root, env: environment, encoding: 'utf8' });
  assert.match(call('--version'), /^vtcode \d+\.\d+\.\d+\n$/);
  assert.match(call('--help'), /Exit codes: 0 done/);
  assert.match(call('run', '--plan', 'rename one to two', '--yes', '--no-checks'), /DONE: 1 task merged/);
  const [branch] = repository.git('branch', '--list', 'vtcode/*', '--format=%(refname:short)').split('\n');
  assert.equal(repository.git('show', `${branch}:a.ts`), 'export function two() {}\ntwo();');
  repository.remove();
});

test('no package that the bundle holds is installed as well', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const installed = join(folder, 'global', 'lib', 'node_modules', 'vtcode', 'node_modules');
  const has = (name: string) => existsSync(join(installed, name));
  assert.deepEqual(Object.keys(devDependencies).filter(has), []);
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => !has(name)),
    [],
  );
});
