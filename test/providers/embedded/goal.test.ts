/**
 * Goal: plain English of the four kinds is understood exactly, everything else is refused rather than half understood.
 * Method: a table of sentences with the whole intent each; then every intent's own sentence is parsed back.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentenceFor } from '../../../providers/embedded/calls.ts';
import { parseGoal } from '../../../providers/embedded/goal.ts';
import type { Intent } from '../../../providers/embedded/intent.ts';
import { quote, shield, unshield } from '../../../providers/embedded/quoting.ts';

const rename = (name: string, newName: string, more: object = {}) => ({ kind: 'rename', name, newName, ...more });
const move = (from: string, to: string, holder?: string) => ({ kind: 'move', from, to, ...(holder && { holder }) });
const rewrite = (pattern: string, rewritten: string, more: object = {}) => ({
  kind: 'rewrite',
  pattern,
  rewrite: rewritten,
  paths: [],
  ...more,
});
const change = (from: string, to: string, more: object = {}) => ({
  kind: 'import',
  from,
  to,
  renames: [],
  paths: [],
  ...more,
});

const understood: [string, object][] = [
  ['rename fetchUser to loadUser', rename('fetchUser', 'loadUser')],
  ['Rename fetchUser to loadUser.', rename('fetchUser', 'loadUser')],
  ['RENAME fetchUser TO loadUser', rename('fetchUser', 'loadUser')],
  ['rename the function fetchUser to loadUser', rename('fetchUser', 'loadUser', { symbolKind: 'function' })],
  ['rename the fetchUser function to loadUser', rename('fetchUser', 'loadUser', { symbolKind: 'function' })],
  ['rename function fetchUser to function loadUser', rename('fetchUser', 'loadUser', { symbolKind: 'function' })],
  ['rename fetchUser() to loadUser()', rename('fetchUser', 'loadUser')],
  ['please rename fetchUser to loadUser across the repository', rename('fetchUser', 'loadUser')],
  ['Could you please rename fetchUser to loadUser everywhere?', rename('fetchUser', 'loadUser')],
  ["Let's rename fetchUser to loadUser throughout the whole codebase!", rename('fetchUser', 'loadUser')],
  ['I want to rename fetchUser to loadUser in the entire project', rename('fetchUser', 'loadUser')],
  ['rename fetchUser to loadUser and update all its usages', rename('fetchUser', 'loadUser')],
  ['rename fetchUser to loadUser, and fix all imports, please.', rename('fetchUser', 'loadUser')],
  ['rename all occurrences of fetchUser to loadUser', rename('fetchUser', 'loadUser')],
  ['rename fetchUser -> loadUser', rename('fetchUser', 'loadUser')],
  ['rename fetchUser → loadUser', rename('fetchUser', 'loadUser')],
  ['Rename symbol X as Y', rename('X', 'Y')],
  ['rename `a` to `b`', rename('a', 'b')],
  ['rename \'a\' to "b"', rename('a', 'b')],
  ['rename “a” to ‘b’', rename('a', 'b')],
  ['rename `a` to `b` in src/x.ts:3', rename('a', 'b', { at: { path: 'src/x.ts', line: 3 } })],
  ['rename a in ./src/x.ts to b', rename('a', 'b', { at: { path: 'src/x.ts' } })],
  ['rename a in src/x.ts line 3 to b', rename('a', 'b', { at: { path: 'src/x.ts', line: 3 } })],
  ['rename a (declared in src/x.ts:3:17) to b', rename('a', 'b', { at: { path: 'src/x.ts', line: 3, column: 17 } })],
  ['Rename a to b (declared in src/x.ts:3:17).', rename('a', 'b', { at: { path: 'src/x.ts', line: 3, column: 17 } })],
  ['rename a to b, which is defined in `my file.ts:3`', rename('a', 'b', { at: { path: 'my file.ts', line: 3 } })],
  [
    'rename total in src/api.ts and src/impl.js to sum',
    rename('total', 'sum', { at: { path: 'src/api.ts' }, also: [{ path: 'src/impl.js' }] }),
  ],
  [
    'rename total to sum in src/api.ts:3, src/impl.js:4 and lib/a.js',
    rename('total', 'sum', {
      at: { path: 'src/api.ts', line: 3 },
      also: [{ path: 'src/impl.js', line: 4 }, { path: 'lib/a.js' }],
    }),
  ],
  ['rename Api.total and Cart.total to sum', rename('Api.total', 'sum', { also: ['Cart.total'] })],
  ['rename total of Api and Cart to sum', rename('Api.total', 'sum', { also: ['Cart.total'] })],
  [
    'rename the method total of the interface Api and the class Cart to sum',
    rename('Api.total', 'sum', { symbolKind: 'method', also: ['Cart.total'] }),
  ],
  ['rename a to b, also in strings, comments and documents', rename('a', 'b', { text: true })],
  ['rename a to b everywhere, also in comments and docs', rename('a', 'b', { text: true })],
  ['rename total in cart.hpp to sum', rename('total', 'sum', { at: { path: 'cart.hpp' } })],
  ['rename total in shop.c to sum', rename('total', 'sum', { at: { path: 'shop.c' } })],
  ['rename a to b including strings and comments', rename('a', 'b', { text: true })],
  ['rename a to b, including undecided places', rename('a', 'b', { takeUnplaced: true })],
  [
    'rename a to b in src/x.ts:3, also in docs and examples, also where it cannot be decided',
    rename('a', 'b', { at: { path: 'src/x.ts', line: 3 }, text: true, takeUnplaced: true }),
  ],
  ['rename User.getName to fetchName', rename('User.getName', 'fetchName')],
  ['rename User.getName to User.fetchName', rename('User.getName', 'fetchName')],
  ['rename User#getName to fetchName', rename('User.getName', 'fetchName')],
  ['rename User.prototype.getName to fetchName', rename('User.getName', 'fetchName')],
  ['rename the method getName of User to fetchName', rename('User.getName', 'fetchName', { symbolKind: 'method' })],
  ['rename method getName in class User to fetchName', rename('User.getName', 'fetchName', { symbolKind: 'method' })],
  ['rename interface IUser to User', rename('IUser', 'User', { symbolKind: 'interface' })],
  ['rename the exported type alias Id to UserId', rename('Id', 'UserId', { symbolKind: 'type alias' })],
  ['rename type to kind', rename('type', 'kind')],
  ['rename $el to élément', rename('$el', 'élément')],
  ['rename _private to internal_', rename('_private', 'internal_')],
  ['rename src/a.ts to src/b.ts', move('src/a.ts', 'src/b.ts')],
  ['rename api.ts to client.ts', move('api.ts', 'client.ts')],
  ['rename src/a.ts to b.ts', move('src/a.ts', 'src/b.ts')],
  ['rename src/a.ts to b', move('src/a.ts', 'src/b.ts')],
  ['rename module ./src/a.ts to ./src/b.ts', move('src/a.ts', 'src/b.ts')],
  ['rename the file src/a.ts to src/b.ts', move('src/a.ts', 'src/b.ts')],
  ['move src/a.ts to src/lib/a.ts', move('src/a.ts', 'src/lib/a.ts')],
  ['Move src/a.ts to src/lib/a.ts and fix all imports of it.', move('src/a.ts', 'src/lib/a.ts')],
  ['move src/a.ts into src/lib/', move('src/a.ts', 'src/lib/a.ts')],
  ['move src/a.ts into the folder src/lib', move('src/a.ts', 'src/lib/a.ts')],
  ['move src/a.ts to src/lib', move('src/a.ts', 'src/lib/a.ts')],
  ['move `src/my file.ts` to `src/lib/my file.ts`', move('src/my file.ts', 'src/lib/my file.ts')],
  ['move folder src/old to src/new', move('src/old', 'src/new', 'folder')],
  ['Move the folder lib to core.', move('lib', 'core', 'folder')],
  ['move the lib folder to core', move('lib', 'core', 'folder')],
  ['move the directory `lib` into `src`', move('lib', 'src/lib', 'folder')],
  ['rename the folder src/a to b', move('src/a', 'src/b', 'folder')],
  ['rename directory lib to core', move('lib', 'core', 'folder')],
  ['rename the folder v1.2 to v1.3', move('v1.2', 'v1.3', 'folder')],
  ['move the folder src/v1.2 to src/old', move('src/v1.2', 'src/old', 'folder')],
  ['move src/a/ to src/b/', move('src/a', 'src/b', 'folder')],
  ['move src/a/ to src/b', move('src/a', 'src/b', 'folder')],
  ['move src/a to src/b/', move('src/a', 'src/b/a')],
  ['move src/a into src/b', move('src/a', 'src/b/a')],
  ['move src/a to src/b.', move('src/a', 'src/b')],
  ['move the folder src/a to .', move('src/a', 'a', 'folder')],
  ['move src/a.ts to .', move('src/a.ts', 'a.ts')],
  ['move lib to src/lib', move('lib', 'src/lib')],
  ['move all of src/a into lib', move('src/a/*', 'lib')],
  ['move everything in src/a to lib/', move('src/a/*', 'lib')],
  ['move all files from the folder src/a to lib', move('src/a/*', 'lib')],
  ['move the contents of src/a/ into the folder lib', move('src/a/*', 'lib')],
  ['move src/a/* to lib', move('src/a/*', 'lib')],
  ['move src/a/** to .', move('src/a/*', '.')],
  ['move user.ts from src to lib', move('src/user.ts', 'lib/user.ts')],
  ['move src/a.ts to the lib folder', move('src/a.ts', 'lib/a.ts')],
  ['mv src/a.ts src/b.ts', move('src/a.ts', 'src/b.ts')],
  ['git mv `src/a b` src/c', move('src/a b', 'src/c')],
  ['move src/a to src/b, updating all imports', move('src/a', 'src/b')],
  ['move src/a.ts from src to lib', move('src/a.ts', 'lib/a.ts')],
  ['move the file Makefile to build/Makefile', move('Makefile', 'build/Makefile', 'file')],
  ['move the module src/user under src/people', move('src/user', 'src/people/user')],
  ['replace `console.log($A)` by `logger.info($A)`', rewrite('console.log($A)', 'logger.info($A)')],
  [
    'replace `console.log($A)` by `logger.info($A)` in TypeScript',
    rewrite('console.log($A)', 'logger.info($A)', { language: 'typescript' }),
  ],
  [
    'replace pattern `foo($$$ARGS)` with `bar($$$ARGS)` in src/**',
    rewrite('foo($$$ARGS)', 'bar($$$ARGS)', { paths: ['src/**'] }),
  ],
  ['Replace all calls of "foo($A)" with "bar($A)" everywhere.', rewrite('foo($A)', 'bar($A)')],
  ['replace foo($A, $B) by bar($B, $A)', rewrite('foo($A, $B)', 'bar($B, $A)')],
  ["change require('fs') to require('node:fs')", rewrite("require('fs')", "require('node:fs')")],
  ["replace on('a', 'b') by off('a', 'b')", rewrite("on('a', 'b')", "off('a', 'b')")],
  ['convert `var $A = $B` to `let $A = $B`', rewrite('var $A = $B', 'let $A = $B')],
  ['replace `debugger` with ""', rewrite('debugger', '')],
  [
    'replace `$A && $A()` with `$A?.()` in src and test/**, in Python files',
    rewrite('$A && $A()', '$A?.()', { paths: ['src', 'test/**'], language: 'python' }),
  ],
  ['replace `` tag`$A` `` with `$A`', rewrite('tag`$A`', '$A')],
  ['replace `a  in  b` with `b  by  a`', rewrite('a  in  b', 'b  by  a')],
  ['change import lodash to lodash-es', change('lodash', 'lodash-es')],
  ['change imports of `fs` to `node:fs`', change('fs', 'node:fs')],
  ['Change all imports from moment to dayjs, please.', change('moment', 'dayjs')],
  ['replace import source X with Y, renaming a to b', change('X', 'Y', { renames: [['a', 'b']] })],
  ['change imports of x to y in src/a$b.ts and src/#c.ts', change('x', 'y', { paths: ['src/a$b.ts', 'src/#c.ts'] })],
  [
    'change imports of x to y, renaming a to b and c to d',
    change('x', 'y', {
      renames: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    }),
  ],
  ['replace lodash imports with lodash-es', change('lodash', 'lodash-es')],
  [
    'change the import source @scope/a to @scope/b in src and lib',
    change('@scope/a', '@scope/b', { paths: ['src', 'lib'] }),
  ],
  ['change imports of ./old.js to ./new.js in TypeScript', change('./old.js', './new.js')],
  ['switch requires of fs to node:fs', change('fs', 'node:fs')],
];

const refused = [
  '',
  'make it faster',
  'migrate from moment to dayjs',
  'rename',
  'rename fetchUser',
  'rename fetchUser to',
  'rename a b to c',
  'rename a to b and c to d',
  'rename total and tax to sum',
  'rename a to b, also in production',
  'rename foo to bar and add tests',
  'rename foo to bar except in tests',
  'rename foo to not-an-identifier',
  'rename User.getName to Account.getName',
  'rename foo in utils to bar',
  'rename foo from a to b',
  'do not rename foo to bar',
  'move foo from src/a.ts to src/b.ts',
  'move foo to bar',
  'move src/a.ts to ../b.ts',
  'move /etc/passwd to src/a.ts',
  'move src/a.ts and src/b.ts to src/lib',
  'replace foo with bar',
  'replace jQuery with React',
  'change `lodash` to `lodash-es`',
  'replace `foo($A)` with',
  'replace `foo($A)` with `bar($A)` but not in tests',
  'replace `foo($A)` with `bar($A)` in TypeScript in Python',
  'replace ` ` with `a`',
  'change imports of a to b and remove c',
  'explain how fetchUser works',
  'the function fetchUser should be renamed',
  'rename foo to bar\uE000',
];

for (const [goal, intent] of understood) {
  test(`understands: ${goal}`, () => assert.deepEqual(parseGoal(goal), intent));
}

for (const goal of refused) {
  test(`refuses: ${goal || '(nothing)'}`, () => assert.equal(parseGoal(goal).kind, 'unsupported'));
}

test('a bare word that may be a folder is answered with how to say that', () => {
  const refusal = parseGoal('move lib to source');
  assert.equal(refusal.kind, 'unsupported');
  assert.match('hint' in refusal ? (refusal.hint ?? '') : '', /Is it a folder\? "move the folder lib to source"$/);
  assert.deepEqual(parseGoal('move the folder lib to source'), move('lib', 'source', 'folder'));
});

test('every intent is understood again from the sentence that a task carries', () => {
  for (const [, intent] of understood) {
    const { symbolKind: _, ...told } = intent as Record<string, unknown>;
    assert.deepEqual(parseGoal(sentenceFor(intent as Intent)), told);
  }
});

test('quoting keeps any text that a goal may carry', () => {
  const texts = [
    'a',
    'a b',
    '`',
    '``',
    '`a`',
    ' a ',
    ' `a` ',
    'a`',
    ' `',
    "it's",
    'a.',
    'to',
    'ends with space ',
    '"q"',
    '$A?.b',
    ' a`',
  ];
  for (const text of texts) {
    const { text: marked, pieces } = shield(`replace ${quote(text)} by x.`);
    assert.equal(unshield(marked, pieces), `replace ${text} by x.`);
  }
});
