// Goal: a scope covers what a person would say it covers, and two scopes that may meet are never called apart.
// Method: tables of patterns and paths.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesGlob } from '../../ipc/glob.ts';
import { inScope, namesOutright, scopesMeet } from '../../security/paths/scope.ts';
import { hiddenFromSearch, isSecretPath } from '../../security/paths/secret-files.ts';

const covered: [path: string, scope: string[], covered: boolean][] = [
  ['src/a.ts', ['src/a.ts'], true],
  ['src/a.ts', ['src/**'], true],
  ['src/.hidden/a.ts', ['src/**'], true],
  ['.env', ['**'], true],
  ['src/a.ts', ['src/*.ts'], true],
  ['src/deep/a.ts', ['src/*.ts'], false],
  ['src/deep/a.ts', ['src/**/*.ts'], true],
  ['srcs/a.ts', ['src/**'], false],
  ['app/[id].ts', ['app/[id].ts'], true],
  ['src/b.ts', ['src/{a,b}.ts'], true],
  ['src/a.ts', [], false],
];
for (const [path, scope, wanted] of covered)
  test(`${path} is ${wanted ? 'in' : 'not in'} the scope ${JSON.stringify(scope)}`, () => {
    assert.equal(inScope(path, scope), wanted);
  });

const meeting: [left: string[], right: string[], meet: boolean][] = [
  [['src/a.ts'], ['src/b.ts'], false],
  [['src/a.ts'], ['src/a.ts'], true],
  [['src/**'], ['src/a.ts'], true],
  [['src/**'], ['test/**'], false],
  [['src/*.ts'], ['src/*.js'], false],
  [['src/*.ts'], ['src/**'], true],
  [['**'], ['a'], true],
  [['packages/a/**'], ['packages/b/**'], false],
  [['packages/*/src/**'], ['packages/b/test/**'], true],
  [['app/[id].ts'], ['app/[slug].ts'], false],
  [['app/[id].ts'], ['app/i.ts'], true],
];
for (const [left, right, wanted] of meeting)
  test(`${JSON.stringify(left)} and ${JSON.stringify(right)} ${wanted ? 'may meet' : 'are apart'}`, () => {
    assert.equal(scopesMeet(left, right), wanted);
    assert.equal(scopesMeet(right, left), wanted);
  });

test('a file is named outright by its own path or an alternative, never by a sweep', () => {
  assert.equal(namesOutright('package.json', ['package.json']), true);
  assert.equal(namesOutright('package.json', ['{package,tsconfig}.json']), true);
  assert.equal(namesOutright('package.json', ['**', '*.json']), false);
});

test('a search through a tree leaves out the files of keys that the gate asks for', () => {
  const files = ['.aws/credentials', '.kube/config', 'config/master.key', 'server.key', 'prod.env', '.vault-token'];
  for (const file of [...files, 'secrets.yml', 'auth.json', 'a/service-account.json', '.ssh/id_rsa', '.npmrc']) {
    assert.ok(isSecretPath(file), file);
    assert.ok(
      hiddenFromSearch.some((glob) => matchesGlob(file, glob) || matchesGlob(file, `**/${glob}`)),
      file,
    );
  }
});
