import { join } from 'node:path';
import { isInstalled } from '../environment/search-path.ts';
import { repositoryText } from '../git/repository-file.ts';
import { type DetectedCheck, detected, nodeChecks } from './node-checks.ts';

/**
 * The checks of a repository, from the files of a tree with its dependencies in place: type check, lint and tests; a
 * build only if there are neither type check nor tests. `searchPath` holds the absolute folders of the user's PATH: a
 * check whose program is missing is left out. Reads only. Each name occurs once.
 */
export function detectChecks(tree: string, { searchPath }: { searchPath: string[] }): DetectedCheck[] {
  const text = (name: string) => repositoryText(join(tree, name));
  const has = (program: string) => isInstalled(program, searchPath);
  const found = [...nodeChecks(tree, searchPath), ...python(text, has), ...go(text, has), ...rust(text, has)];
  if (!found.some(({ check }) => check.name.includes('test'))) found.push(...make(text, has));
  const names = new Set<string>();
  return found.filter(({ check }) => !names.has(check.name) && names.add(check.name));
}

type Text = (name: string) => string | undefined;
type Has = (program: string) => boolean;

function python(text: Text, has: Has): DetectedCheck[] {
  const marks: [string, RegExp][] = [
    ['pytest.ini', /^/],
    ['pyproject.toml', /^\s*\[tool\.pytest/m],
    ['setup.cfg', /^\s*\[tool:pytest\]/m],
    ['tox.ini', /^\s*\[pytest\]/m],
  ];
  const mark = marks.find(([name, wanted]) => wanted.test(text(name) ?? '') && text(name) !== undefined);
  const command = has('pytest') ? 'pytest -q' : 'python3 -m pytest -q';
  return mark && (has('pytest') || has('python3')) ? [detected('pytest', command, `${mark[0]}: pytest`)] : [];
}

function go(text: Text, has: Has): DetectedCheck[] {
  if (text('go.mod') === undefined || !has('go')) return [];
  return [detected('go-vet', 'go vet ./...', 'go.mod'), detected('go-test', 'go test ./...', 'go.mod')];
}

function rust(text: Text, has: Has): DetectedCheck[] {
  if (text('Cargo.toml') === undefined || !has('cargo')) return [];
  return [
    detected('cargo-check', 'cargo check --offline', 'Cargo.toml'),
    detected('cargo-test', 'cargo test --offline', 'Cargo.toml'),
  ];
}

function make(text: Text, has: Has): DetectedCheck[] {
  const name = ['GNUmakefile', 'makefile', 'Makefile'].find((one) => text(one) !== undefined);
  if (name === undefined || !has('make')) return [];
  const target = ['test', 'check'].find((one) => new RegExp(`^${one}\\s*:(?!=)`, 'm').test(text(name) ?? ''));
  return target ? [detected(`make-${target}`, `make ${target}`, `${name}: ${target}`)] : [];
}

/**
 * Globs of files that define what a check does: scripts, configuration of compilers, runners and linters, continuous
 * integration, snapshots, lockfiles. They are outside every write scope that does not name them.
 */
export function protectedPatterns(): string[] {
  return [...anywhere.flatMap((name) => [name, `**/${name}`]), ...folders.map((folder) => `${folder}/**`), ...atTheTop];
}

const anywhere = [
  'package.json',
  'tsconfig*.json',
  'jsconfig*.json',
  '{jest,vitest,vite,ava,karma,playwright,cypress,babel,eslint,prettier,stylelint,wdio,nightwatch}.config.*',
  'vitest.workspace.*',
  'jest.setup.*',
  'vitest.setup.*',
  '.{eslint,prettier,stylelint,babel,moch,mocha,swc,nyc,c8,lintstaged}rc*',
  '.{eslint,prettier}ignore',
  'mocha.opts',
  'biome.json{,c}',
  '.oxlintrc.json',
  'deno.json{,c}',
  '__snapshots__/**',
  '*.snap',
  '{GNUmakefile,Makefile,makefile,justfile,Justfile}',
  '{package-lock.json,npm-shrinkwrap.json,pnpm-lock.yaml,yarn.lock,bun.lock,bun.lockb}',
  '{pytest.ini,tox.ini,setup.cfg,pyproject.toml,conftest.py,noxfile.py}',
  '{Cargo.toml,Cargo.lock,go.mod,go.sum}',
];

const folders = ['.github', '.gitlab', '.circleci', '.buildkite', '.husky', '.ci', '.yarn'];

const atTheTop = [
  '{.gitlab-ci,.travis,appveyor,azure-pipelines,bitbucket-pipelines,lefthook}.yml',
  'Jenkinsfile',
  '{turbo,nx,lerna,rush}.json',
  'Taskfile.y{,a}ml',
  'pnpm-workspace.yaml',
  '{.npmrc,.yarnrc,.yarnrc.yml,.pnpmfile.cjs,.pnp.cjs}',
  'agents.toml',
];
