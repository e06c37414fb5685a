/**
 * Goal: a tsconfig.json means here what it means to TypeScript, and as much as can be read counts when a parent is missing.
 * Method: real files in a temporary folder.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { type ProjectOptions, projectOptions } from '../../../tools/code/tsconfig-options.ts';
import { temporaryFolder } from '../../support/repository.ts';

const root = temporaryFolder('tsconfig');
after(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

/** The options of the first of these files; the folder they lie in is written `/` in what comes back. */
function optionsOf(files: Record<string, string | object>): ProjectOptions {
  const folder = join(root, String(++count));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  const { paths, reading } = projectOptions(join(folder, Object.keys(files)[0] ?? ''));
  return { paths: JSON.parse(JSON.stringify(paths).replaceAll(folder, '')), reading };
}

test('comments, trailing commas and a byte-order mark are read', () => {
  const text =
    '\ufeff{ // here\n "compilerOptions": { /* there */ "jsx": "react", "paths": { "@/*": ["./src/*"], }, }, }';
  assert.deepEqual(optionsOf({ 'tsconfig.json': text }), { paths: { '@/*': ['/src/*'] }, reading: { jsx: 'react' } });
});

test('of a list of parents a later one counts more, and targets start from the file that names them', () => {
  const options = optionsOf({
    'app/tsconfig.json': { extends: ['../one.json', '../deep/two'], compilerOptions: { moduleSuffixes: ['.ios'] } },
    'one.json': { compilerOptions: { paths: { 'a/*': ['./a/*'] }, jsx: 'react', customConditions: ['x'] } },
    'deep/two.json': { compilerOptions: { paths: { 'b/*': ['./b/*'] }, jsx: 'preserve' } },
  });
  assert.deepEqual(options.paths, { 'b/*': ['/deep/b/*'] });
  assert.deepEqual(options.reading, { moduleSuffixes: ['.ios'], jsx: 'preserve', customConditions: ['x'] });
});

test(`a package is a parent, and its \${configDir} is the folder of the file that is read`, () => {
  const options = optionsOf({
    'app/tsconfig.json': { extends: '@base/config' },
    'node_modules/@base/config/package.json': { name: '@base/config' },
    'node_modules/@base/config/tsconfig.json': { compilerOptions: { paths: { '#/*': ['$' + '{configDir}/src/*'] } } },
  });
  assert.deepEqual(options.paths, { '#/*': ['/app/src/*'] });
});

test('an inherited baseUrl is the pattern * from the folder of the parent', () => {
  const options = optionsOf({
    'app/tsconfig.json': { extends: '../tsconfig.base.json' },
    'tsconfig.base.json': { compilerOptions: { baseUrl: './src', paths: { '~/*': ['lib/*'] } } },
  });
  assert.deepEqual(options.paths, { '~/*': ['/src/lib/*'], '*': ['/src/*'] });
});

test('a parent that is missing leaves the own options and those of the other parents', () => {
  const options = optionsOf({
    'app/tsconfig.json': {
      extends: ['@not/installed', './.generated/tsconfig.json', '../base'],
      compilerOptions: { paths: { '@/*': ['./src/*'] }, strict: true },
    },
    'base.json': { extends: '@not/installed', compilerOptions: { jsx: 'react', paths: { x: ['./x.ts'] } } },
  });
  assert.deepEqual(options, { paths: { '@/*': ['/app/src/*'] }, reading: { jsx: 'react', strict: true } });
});

test('a file that is missing, broken, no configuration or its own parent says nothing', () => {
  const nothing = { paths: {}, reading: {} };
  assert.deepEqual(projectOptions(join(root, 'missing.json')), nothing);
  for (const content of ['{', '[]', '7', '{"compilerOptions": 7}', '{"extends": {}}'])
    assert.deepEqual(optionsOf({ 'tsconfig.json': content }), nothing, content);
  assert.deepEqual(optionsOf({ 'a.json': { extends: './b.json' }, 'b.json': { extends: './a.json' } }), nothing);
  assert.deepEqual(optionsOf({ 'tsconfig.json': { compilerOptions: { paths: 'src' } } }), nothing);
});
