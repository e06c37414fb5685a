// Goal: a move in a person's words is done whole, or says what it leaves before anything is changed.
// Method: the launcher with the embedded model on small repositories; the branch, the exit status and the words of the end.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
import { makeRepository, type TestRepository } from '../support/repository.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const made: TestRepository[] = [];
after(() => {
  for (const one of made) one.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

async function move(files: Record<string, string>, goal: string, ...flags: string[]) {
  const repository = makeRepository(files);
  made.push(repository);
  const called = await vtcode.call(['run', '--plan', goal, '--yes', '--no-checks', ...flags, '-C', repository.root]);
  const branch = repository.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/vtcode');
  const listed = branch === '' ? [] : repository.git('ls-tree', '-r', '--name-only', branch).split('\n');
  const read = (path: string) => repository.git('show', `${branch}:${path}`);
  return { ...called, listed, read };
}

test('a folder moves with the files that define checks in it, and configuration follows', async () => {
  const { code, stdout, listed, read } = await move(
    {
      'package.json': '{ "main": "lib/x.js" }',
      'lib/x.js': 'export const x = 1;\n',
      'lib/jest.config.js': 'export default {};\n',
      'lib/package.json': '{ "type": "module" }\n',
      'lib/__snapshots__/x.snap': '\n',
      'lib/.hidden/y.json': '{}\n',
      'main.js': "import { x } from './lib/x.js';\n",
      'README.md': 'See lib/x.js.\n',
    },
    'Move the folder lib to core.',
  );
  assert.equal(code, 0, stdout);
  const moved = ['.hidden/y.json', '__snapshots__/x.snap', 'jest.config.js', 'package.json', 'x.js'];
  assert.deepEqual(listed, ['README.md', ...moved.map((name) => `core/${name}`), 'main.js', 'package.json']);
  assert.equal(read('main.js'), "import { x } from './core/x.js';");
  assert.equal(read('package.json'), '{ "main": "core/x.js" }');
  assert.match(stdout, /package\.json follows\./);
  assert.match(stdout, /documents that name it stay as they are:\n {4}README\.md:1:5 {2}names lib\/x\.js/);
});

test('everything in a folder moves into another one', async () => {
  const { code, listed, read } = await move(
    { 'src/a/x.js': '', 'src/a/in/y.js': "import '../x.js';\n", 'lib/z.js': "import '../src/a/x.js';\n" },
    'move all of src/a into lib',
  );
  assert.equal(code, 0);
  assert.deepEqual(listed, ['lib/in/y.js', 'lib/x.js', 'lib/z.js']);
  assert.equal(read('lib/z.js'), "import './x.js';");
});

const ruby = {
  'shop/prices.rb': 'def total(xs) = xs.sum\n',
  'shop/cart.rb': "require 'shop/prices'\n",
  Dockerfile: 'CMD ["ruby", "shop/prices.rb"]\n',
};

test('a move in a language that is not read stops at its plan with every place', async () => {
  const { code, stdout, listed } = await move(ruby, 'move shop/prices.rb to shop/lib/prices.rb');
  assert.deepEqual({ code, listed }, { code: 2, listed: [] });
  assert.match(stdout, /FAILED: 3 places could not be decided:/);
  for (const place of ['shop/cart.rb:1:15', 'shop/prices.rb:1:1', 'Dockerfile:1:15'])
    assert.ok(stdout.includes(`  ${place}  `), place);
  assert.match(stdout, /--accept-unplaced leaves them as they are and reports them/);
});

test('with --accept-unplaced it goes on, and the end names the places and says UNVERIFIED', async () => {
  const { code, stdout, listed } = await move(ruby, 'move shop/prices.rb to shop/lib/prices.rb', '--accept-unplaced');
  assert.equal(code, 0, stdout);
  assert.ok(listed.includes('shop/lib/prices.rb'));
  assert.match(stdout, /3 places could not be decided and were left as found:/);
  assert.match(stdout, /shop\/cart\.rb:1:15 {2}names what moves; imports in Ruby are not read/);
  assert.match(stdout, /UNVERIFIED/);
  assert.doesNotMatch(stdout, /0 imports/);
});

test('a long list of places ends with the number of the others', async () => {
  const uses = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`u${at}.rb`, "require 'prices'\n"]));
  const { code, stdout } = await move({ 'prices.rb': '', ...uses }, 'move prices.rb to lib/prices.rb');
  assert.equal(code, 2);
  assert.match(stdout, /FAILED: 31 places could not be decided:(?:\n {2}\S.*){20}\n {2}and 11 more/);
});

test('words that are no move, or that may mean two things, are refused at the plan', async () => {
  const files = { 'src/a.js': '', 'src/a/b.js': '', 'lib/b.js': '' };
  for (const [goal, words] of [
    ['move src/a to src/c', /src\/a may mean src\/a\.js or src\/a\/\. Say which\./],
    ['move all of src/a into lib', /lib\/b\.js exists already/],
    ['move src/*.js to lib', /names 1 files? by a pattern/],
    ['move helpers to tools', /Is it a folder\?/],
  ] as const) {
    const { code, stdout, listed } = await move(files, goal);
    assert.deepEqual({ goal, code, listed }, { goal, code: 2, listed: [] });
    assert.match(stdout, words);
  }
});

test('the manifest has the mentions beside the places', async () => {
  const { stdout, stderr } = await move({ 'a.js': '', 'README.md': 'a.js\n' }, 'move a.js to b.js', '--json');
  const { manifest } = endOf({ code: 0, stdout, stderr } as Parameters<typeof endOf>[0]);
  assert.deepEqual(
    manifest?.mentions.map(({ path, line, reason }) => ({ path, line, reason })),
    [{ path: 'README.md', line: 1, reason: 'names a.js' }],
  );
});

test('files that git tracks and a search leaves out are renamed in and moved along', async () => {
  const repository = makeRepository({
    'src/a.ts': 'export const old = 1;\n',
    'vendor/use.ts': "import { old } from '../src/a';\nexport const used = old;\n",
    'test/data/eval/node_modules/two/index.js': 'module.exports = 2;\n',
    'test/data/one.js': "module.exports = require('./eval/node_modules/two');\n",
    'made.txt': '',
  });
  // Added later, as with `git add --force`: both stay tracked.
  repository.write({ '.gitignore': 'node_modules\nvendor/\nbuild/\n', 'build/left.ts': 'export const old = 3;\n' });
  repository.git('add', '.gitignore');
  repository.git('commit', '--quiet', '-m', 'rules');
  const call = async (goal: string) => {
    const called = await vtcode.call(['run', '--plan', goal, '--yes', '--no-checks', '--json', '-C', repository.root]);
    assert.equal(called.code, 0, called.stdout + called.stderr);
    return `vtcode/${endOf(called).run}`;
  };
  const renamed = await call('rename old in src/a.ts to fresh');
  assert.match(repository.git('show', `${renamed}:vendor/use.ts`), /import \{ fresh \}.*\n.*= fresh;/);
  const moved = await call('move the folder test/data to test/samples');
  const listed = repository.git('ls-tree', '-r', '--name-only', moved).split('\n');
  assert.deepEqual(
    listed.filter((path) => path.startsWith('test/')),
    ['test/samples/eval/node_modules/two/index.js', 'test/samples/one.js'],
  );
  repository.remove();
});
