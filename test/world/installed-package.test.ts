import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeRepository, temporaryFolder } from '../support/repository.ts';

/**
 * Goal: what a user installs is what they need, and it works. Method: npm packs it and installs it globally under a folder
 * of the test's own; then it does a run. Needs the npm registry, as any install does.
 */
const root = join(import.meta.dirname, '..', '..');
const folder = temporaryFolder('package');
const npm = (...args: string[]) =>
  execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
let tarball = '';

before(() => {
  // The gate has built the bundle; another build would take it away from the tests beside this one.
  tarball = join(folder, npm('pack', '--ignore-scripts', '--silent', '--pack-destination', folder).trim());
});
after(() => rmSync(folder, { recursive: true, force: true }));

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
