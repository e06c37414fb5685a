/**
 * Goal: the checks that a repository's own files name are found, each ends by itself and repairs nothing, and the files
 * that define them are protected.
 * Method: small repositories in temporary folders; commands are compared as text, and some are run for real.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { detectChecks, protectedPatterns } from '../../../orchestrator/checks/detect.ts';
import { inScope } from '../../../security/paths/scope.ts';

const made: string[] = [];
after(() => {
  for (const folder of made) fs.rmSync(folder, { recursive: true });
});

function folderOf(files: Record<string, string>): string {
  const root = fs.mkdtempSync(join(tmpdir(), 'vtcode-checks-'));
  made.push(root);
  for (const [path, content] of Object.entries(files)) {
    fs.mkdirSync(dirname(join(root, path)), { recursive: true });
    fs.writeFileSync(join(root, path), content, { mode: 0o755 });
  }
  return root;
}

/** `name: command` of each check found, with the given programs on the PATH. */
function found(files: Record<string, string>, programs: string[] = []): string[] {
  const path = folderOf(Object.fromEntries(programs.map((name) => [name, '#!/bin/sh\n'])));
  return detectChecks(folderOf(files), { searchPath: [path] }).map(({ check }) => `${check.name}: ${check.command}`);
}

const scripts = (wanted: Record<string, string>, more: object = {}) => JSON.stringify({ scripts: wanted, ...more });
const ofScripts = (wanted: Record<string, string>) => found({ 'package.json': scripts(wanted) });

test('a type check is found under the names that projects give it', () => {
  for (const name of ['type-check', 'check:type', 'check-types', 'test:types']) {
    const checks = ofScripts({ test: 'node --test', [name]: 'tsc -p tsconfig.ts.json' });
    assert.deepEqual(checks, [`typecheck: CI=1 npm run --silent ${name}`, 'test: CI=1 npm run --silent test']);
  }
});

test('scripts are checks, with the file and key they come from', () => {
  const tree = folderOf({
    'package.json': scripts({ typecheck: 'tsc', lint: 'eslint .', test: 'jest', build: 'tsup' }),
  });
  const check = (name: string) => ({
    check: { name, command: `CI=1 npm run --silent ${name}`, directory: '.', timeoutMs: 600_000 },
    reason: `package.json: scripts.${name}`,
  });
  assert.deepEqual(detectChecks(tree, { searchPath: [] }), [check('typecheck'), check('lint'), check('test')]);
});

const npm = 'CI=1 npm run --silent';
const cases: [string, Record<string, string>, string[]][] = [
  ['nothing at all', {}, []],
  ["npm's default test", { test: 'echo "Error: no test specified" && exit 1' }, []],
  ['a test that fails on purpose', { test: 'exit 1' }, []],
  ['another name for the type check', { 'check-types': 'tsc' }, [`typecheck: ${npm} check-types`]],
  ['a fixing lint', { lint: 'eslint . --fix', test: 'ava' }, [`test: ${npm} test`]],
  [
    'a lint that calls a fixing one',
    { lint: 'npm run lint:js', 'lint:js': 'biome check --write', test: 'ava' },
    [`test: ${npm} test`],
  ],
  ['a lint that calls itself', { lint: 'yarn lint', test: 'ava' }, [`lint: ${npm} lint`, `test: ${npm} test`]],
  ['a test that watches', { test: 'jest --watch' }, []],
  [
    'a test that watches by another name',
    { test: 'vitest watch', 'test:run': 'vitest run' },
    [`test: ${npm} test:run`],
  ],
  ['a test that is told not to watch', { test: 'ng test --watch=false' }, [`test: ${npm} test`]],
  ['a runner that watches only for people', { test: 'vitest' }, [`test: ${npm} test`]],
  ["npm's -w for a workspace", { test: 'npm run -w packages/a test:all' }, [`test: ${npm} test`]],
  ['a build alone', { build: 'webpack' }, [`build: ${npm} build`]],
  ['a build that watches', { build: 'tsc --watch' }, []],
  ['scripts named like parts of every object', { toString: 'x' }, []],
];
for (const [title, wanted, expected] of cases) {
  test(`scripts: ${title}`, () => assert.deepEqual(ofScripts(wanted), expected));
}

test('the compiler is a check where it is installed and no script runs it', () => {
  const installed = { 'package.json': scripts({}), 'node_modules/.bin/tsc': '#!/bin/sh\n' };
  const tsc = 'typecheck: node_modules/.bin/tsc';
  assert.deepEqual(found({ ...installed, 'tsconfig.json': '{}' }), [`${tsc} --noEmit -p .`]);
  assert.deepEqual(found({ 'package.json': scripts({}), 'tsconfig.json': '{}' }), []);
  const references = '{ // all\n  "files": [],\n  "references": [ { "path": "a" } ] }';
  assert.deepEqual(found({ ...installed, 'tsconfig.json': references }), [`${tsc} -b`]);
  assert.deepEqual(found({ ...installed, 'tsconfig.json': '{ // "references": [{\n }' }), [`${tsc} --noEmit -p .`]);
  const workspace = {
    ...installed,
    'package.json': scripts({}, { workspaces: ['p/*'] }),
    'p/a/package.json': scripts({ test: 'ava' }),
  };
  const inPackages = 'test: CI=1 npm run --silent --workspaces --if-present test';
  assert.deepEqual(found({ ...workspace, 'tsconfig.json': '{"compilerOptions":{}}' }), [inPackages]);
});

test('the program of the lockfile runs the scripts, where it is there and works without a network', () => {
  const files = (lock: string, more: object = {}) => ({ 'package.json': scripts({ test: 'ava' }, more), [lock]: '' });
  const pnpm = 'CI=1 npm_config_manage_package_manager_versions=false pnpm --silent run test';
  assert.deepEqual(found(files('pnpm-lock.yaml'), ['pnpm']), [`test: ${pnpm}`]);
  assert.deepEqual(found(files('pnpm-lock.yaml'), ['npm']), [`test: ${npm} test`]);
  assert.deepEqual(found(files('yarn.lock'), ['yarn']), ['test: CI=1 yarn --silent run test']);
  assert.deepEqual(found(files('yarn.lock', { packageManager: 'yarn@4.1.0' }), ['yarn']), [`test: ${npm} test`]);
  assert.deepEqual(found(files('bun.lock'), ['bun']), ['test: CI=1 bun run --silent test']);
  const corepack = folderOf({ 'corepack/dist/pnpm.js': '', 'bin/x': '' });
  fs.symlinkSync('../corepack/dist/pnpm.js', join(corepack, 'bin/pnpm'));
  const tree = folderOf(files('pnpm-lock.yaml'));
  const [only] = detectChecks(tree, { searchPath: [join(corepack, 'bin')] });
  assert.equal(only?.check.command, `${npm} test`);
});

test('packages of a workspace are asked where the top has no script', () => {
  const packages = {
    'packages/a/package.json': scripts({ test: 'ava', lint: 'xo --fix' }),
    'packages/b/package.json': '{}',
  };
  const all = 'CI=1 npm run --silent --workspaces --if-present';
  for (const workspaces of [['packages/*'], ['./packages/a/'], { packages: ['packages/**', '!packages/b'] }]) {
    assert.deepEqual(found({ 'package.json': scripts({}, { workspaces }), ...packages }), [`test: ${all} test`]);
  }
  assert.deepEqual(
    found({ 'package.json': scripts({}, { workspaces: ['packages/*', '!packages/a'] }), ...packages }),
    [],
  );
  const both = { 'package.json': scripts({ test: 'all' }, { workspaces: ['packages/*'] }), ...packages };
  assert.deepEqual(found(both), [`test: ${npm} test`]);
  const recursive = 'CI=1 npm_config_manage_package_manager_versions=false pnpm --recursive --if-present run test';
  for (const yaml of [
    'packages:\n  # all\n  - "packages/*" # here\n\n  - other\nx: 1\n',
    "packages: ['packages/*', other]\n",
  ]) {
    const files = { 'package.json': '{}', 'pnpm-workspace.yaml': yaml, ...packages };
    assert.deepEqual([found(files, ['pnpm']), found(files)], [[`test: ${recursive}`], []]);
  }
});

test('other languages are checked with their own programs, where these are installed', () => {
  const all = ['pytest', 'python3', 'go', 'cargo', 'make'];
  assert.deepEqual(found({ 'pyproject.toml': '[tool.pytest.ini_options]\n' }, all), ['pytest: pytest -q']);
  assert.deepEqual(found({ 'setup.cfg': 'x\n[tool:pytest]\n' }, ['python3']), ['pytest: python3 -m pytest -q']);
  assert.deepEqual(found({ 'pyproject.toml': '[project]\n' }, all), []);
  assert.deepEqual(found({ 'go.mod': '' }, all), ['go-vet: go vet ./...', 'go-test: go test ./...']);
  assert.deepEqual(found({ 'Cargo.toml': '' }, all), [
    'cargo-check: cargo check --offline',
    'cargo-test: cargo test --offline',
  ]);
  assert.deepEqual(found({ Makefile: 'all: x\ncheck: all\n' }, all), ['make-check: make check']);
  assert.deepEqual(found({ Makefile: 'test := 1\n' }, all), []);
  assert.deepEqual(found({ Makefile: 'test:\n', 'package.json': scripts({ test: 'ava' }) }, all), [
    `test: ${npm} test`,
  ]);
  assert.deepEqual(found({ 'go.mod': '', Makefile: 'test:\n', 'pytest.ini': '' }), []);
});

test('a package.json that is broken or odd names no checks', () => {
  for (const content of ['', '{', '[]', '{"scripts":{"test":1}}'])
    assert.deepEqual(found({ 'package.json': content }), []);
});

test('the commands do what they say: they fail when the script does', () => {
  const searchPath = (process.env.PATH ?? '').split(':');
  for (const [script, status] of [
    ['node -e "process.exit(+(process.env.CI !== \'1\'))"', 0],
    ['node -e "process.exit(3)"', 3],
  ] as const) {
    const tree = folderOf({ 'package.json': scripts({ test: script }) });
    const [only] = detectChecks(tree, { searchPath });
    const environment = { PATH: process.env.PATH, HOME: tree };
    assert.equal(spawnSync('sh', ['-c', only?.check.command ?? ''], { cwd: tree, env: environment }).status, status);
  }
});

test('files that define checks are protected wherever they are, source files are not', () => {
  const isProtected = (path: string) => inScope(path, protectedPatterns());
  const guarded = [
    'package.json',
    'packages/a/package.json',
    'tsconfig.json',
    'packages/a/tsconfig.build.json',
    'jest.config.ts',
    'packages/a/vitest.config.mts',
    'eslint.config.js',
    '.eslintrc.cjs',
    'a/b/.eslintrc',
    '.mocharc.yml',
    'biome.jsonc',
    '.prettierrc',
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    'src/__snapshots__/a.test.ts.snap',
    'a.snap',
    'Makefile',
    'pnpm-lock.yaml',
    'pytest.ini',
    'Cargo.toml',
    'agents.toml',
    'Jenkinsfile',
  ];
  assert.deepEqual(
    guarded.filter((path) => !isProtected(path)),
    [],
  );
  const free = [
    'src/a.ts',
    'test/a.test.ts',
    'src/config.ts',
    'src/package.ts',
    'README.md',
    'src/snapshots/a.ts',
    'src/jest.ts',
  ];
  assert.deepEqual(free.filter(isProtected), []);
});
