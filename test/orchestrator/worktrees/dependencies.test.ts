/**
 * Goal: in a work tree every package of the repository is found in the tree, never in the user's checkout, whatever
 * installed it; everything else is found where it is installed, and nothing there can change.
 * Method: layouts of npm, pnpm and yarn are built by hand in temporary folders, with real links; node programs run in
 * the tree and say which copy they have loaded.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { type LinkedDependencies, linkDependencies } from '../../../orchestrator/worktrees/dependencies/link.ts';

const made: string[] = [];
after(() => {
  for (const folder of made) fs.rmSync(folder, { recursive: true });
});

/** A file's text, or `-> target` for a link. */
type Files = Record<string, string>;

function write(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    fs.mkdirSync(dirname(join(root, path)), { recursive: true });
    if (content.startsWith('-> ')) fs.symlinkSync(content.slice(3), join(root, path));
    else fs.writeFileSync(join(root, path), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
  }
}

/** A checkout with what is tracked and what is installed, and a tree with the tracked files alone. */
function places(tracked: Files, installed: Files): { checkout: string; tree: string } {
  const root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'vtcode-dependencies-')));
  made.push(root);
  const [checkout, tree] = [join(root, 'checkout'), join(root, 'state', 'tree')];
  write(checkout, tracked);
  write(checkout, installed);
  write(tree, tracked);
  return { checkout, tree };
}

const json = JSON.stringify;
const says = (text: string) => `module.exports = ${json(text)};\n`;
const manifest = (name: string, more: object = {}) => json({ name, version: '1.0.0', ...more });

/** Two packages, app uses core; `where` tells which copy of core was loaded. */
const workspace: Files = {
  'package.json': json({ name: 'root', private: true, workspaces: ['packages/*'], devDependencies: { plain: '1' } }),
  'packages/core/package.json': manifest('@acme/core'),
  'packages/core/index.js': 'module.exports = __dirname;\n',
  'packages/app/package.json': manifest('app', { dependencies: { '@acme/core': '*' } }),
  'packages/app/where.js':
    "const name = process.argv[2];\nconsole.log(name ? require(name) : require('@acme/core'));\n",
};

function where(tree: string, name = ''): string {
  const words = [join(tree, 'packages/app/where.js'), ...(name ? [name] : [])];
  return execFileSync(process.execPath, words, { cwd: tree, encoding: 'utf8' }).trim();
}

const npmInstalled: Files = {
  'node_modules/.package-lock.json': '{}',
  'node_modules/@acme/core': '-> ../../packages/core',
  'node_modules/app': '-> ../packages/app',
  'node_modules/plain/package.json': manifest('plain', { bin: 'cli.js' }),
  'node_modules/plain/index.js': 'module.exports = __dirname;\n',
  'node_modules/plain/cli.js': "#!/usr/bin/env node\nconsole.log(require.resolve('plain'));\n",
  'node_modules/.bin/plain': '-> ../plain/cli.js',
  'node_modules/plugin/package.json': manifest('plugin', { peerDependencies: { '@acme/core': '*' } }),
  'node_modules/plugin/index.js': "module.exports = require('@acme/core');\n",
  'node_modules/wrapper/package.json': manifest('wrapper', { dependencies: { plugin: '1' } }),
  'node_modules/wrapper/index.js': "module.exports = require('plugin');\n",
  'node_modules/@scope/plain/package.json': manifest('@scope/plain'),
  'node_modules/@scope/plain/index.js': 'module.exports = __dirname;\n',
  'node_modules/.cache/old': 'of the checkout',
  'packages/app/node_modules/own/package.json': manifest('own'),
  'packages/app/node_modules/own/index.js': 'module.exports = __dirname;\n',
};

const lock = { 'package-lock.json': '{"lockfileVersion":3}' };

/** No link below the tree may end in the checkout outside a dependency folder. Gives the number of different ends. */
function assertNoWayToSource({ checkout, tree }: { checkout: string; tree: string }): number {
  const links = fs
    .readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => fs.realpathSync(join(entry.parentPath, entry.name)));
  for (const end of links) {
    assert.ok(!end.startsWith(`${checkout}/`) || end.includes('/node_modules/'), `a link leads to ${end}`);
  }
  return new Set(links).size;
}

test('npm: packages of the repository are found in the tree, installed ones in the checkout', async () => {
  const at = places({ ...workspace, ...lock }, npmInstalled);
  const result = await linkDependencies(at);
  assert.deepEqual(result, {
    exclude: ['/node_modules', '/packages/app/node_modules'],
    readable: [join(at.checkout, 'node_modules'), join(at.checkout, 'packages/app/node_modules')],
    warnings: [],
    setupReason: null,
  } satisfies LinkedDependencies);
  const core = join(at.tree, 'packages/core');
  assert.deepEqual(
    ['', 'plugin', 'wrapper', 'plain', '@scope/plain', 'own'].map((name) => where(at.tree, name)),
    [
      core,
      core,
      core,
      join(at.checkout, 'node_modules/plain'),
      join(at.checkout, 'node_modules/@scope/plain'),
      join(at.checkout, 'packages/app/node_modules/own'),
    ],
  );
  assert.equal(assertNoWayToSource(at), 6);
  const command = execFileSync(join(at.tree, 'node_modules/.bin/plain'), { encoding: 'utf8' });
  assert.equal(command.trim(), join(at.checkout, 'node_modules/plain/index.js'));
  assert.deepEqual(fs.readdirSync(join(at.tree, 'node_modules/.cache')), []);
  assert.equal(fs.readFileSync(join(at.tree, 'node_modules/.package-lock.json'), 'utf8'), '{}');
});

test('npm: a change made in the tree is what the other package sees', async () => {
  const at = places({ ...workspace, ...lock }, npmInstalled);
  await linkDependencies(at);
  write(at.tree, { 'packages/core/index.js': says('changed') });
  assert.deepEqual([where(at.tree), where(at.tree, 'wrapper')], ['changed', 'changed']);
  assert.equal(where(at.checkout), join(at.checkout, 'packages/core'));
});

const store = 'node_modules/.pnpm';
const pnpmInstalled: Files = {
  'node_modules/.modules.yaml': 'layoutVersion: 5\n',
  'node_modules/plain': '-> .pnpm/plain@1.0.0/node_modules/plain',
  [`${store}/lock.yaml`]: 'lockfileVersion: 9\n',
  [`${store}/plain@1.0.0/node_modules/plain/package.json`]: manifest('plain'),
  [`${store}/plain@1.0.0/node_modules/plain/index.js`]: "module.exports = require('deep');\n",
  [`${store}/plain@1.0.0/node_modules/deep`]: '-> ../../deep@1.0.0/node_modules/deep',
  [`${store}/deep@1.0.0/node_modules/deep/package.json`]: manifest('deep'),
  [`${store}/deep@1.0.0/node_modules/deep/index.js`]: 'module.exports = __dirname;\n',
  [`${store}/@x+plugin@1.0.0_core/node_modules/@x/plugin/package.json`]: manifest('@x/plugin'),
  [`${store}/@x+plugin@1.0.0_core/node_modules/@x/plugin/index.js`]: "module.exports = require('@acme/core');\n",
  [`${store}/@x+plugin@1.0.0_core/node_modules/@acme/core`]: '-> ../../../../../packages/core',
  [`${store}/wrapper@1.0.0/node_modules/wrapper/package.json`]: manifest('wrapper'),
  [`${store}/wrapper@1.0.0/node_modules/wrapper/index.js`]: "module.exports = require('@x/plugin');\n",
  [`${store}/wrapper@1.0.0/node_modules/@x/plugin`]: '-> ../../../@x+plugin@1.0.0_core/node_modules/@x/plugin',
  [`${store}/node_modules/deep`]: '-> ../deep@1.0.0/node_modules/deep',
  [`${store}/node_modules/@acme/core`]: '-> ../../../../packages/core',
  'packages/app/node_modules/@acme/core': '-> ../../../core',
  'packages/app/node_modules/wrapper': '-> ../../../node_modules/.pnpm/wrapper@1.0.0/node_modules/wrapper',
  'packages/app/node_modules/plain': '-> ../../../node_modules/.pnpm/plain@1.0.0/node_modules/plain',
};

test('pnpm: packages of the repository are found in the tree, also from inside the store', async () => {
  const tracked = { ...workspace, 'pnpm-workspace.yaml': 'packages: ["packages/*"]\n', 'pnpm-lock.yaml': 'a: 1\n' };
  const at = places(tracked, pnpmInstalled);
  const shim = `#!/bin/sh\nexport NODE_PATH="${at.checkout}/${store}/node_modules"\nexec node -p "require('@acme/core')"\n`;
  write(at.checkout, { 'node_modules/.bin/core-path': shim });
  const result = await linkDependencies(at);
  assert.deepEqual([result.setupReason, result.warnings], [null, []]);
  const core = join(at.tree, 'packages/core');
  assert.deepEqual(
    ['', 'wrapper', 'plain'].map((name) => where(at.tree, name)),
    [core, core, join(at.checkout, store, 'deep@1.0.0/node_modules/deep')],
  );
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  const byPath = execFileSync(join(at.tree, 'node_modules/.bin/core-path'), {
    encoding: 'utf8',
    env: { PATH: path },
    cwd: tmpdir(),
  });
  assert.equal(byPath.trim(), core);
  assert.equal(assertNoWayToSource(at), 7);
  assert.ok(fs.lstatSync(join(at.tree, store, 'plain@1.0.0')).isSymbolicLink());
});

test('yarn: nested and absolute links of packages lead into the tree too', async () => {
  const at = places(
    { ...workspace, 'yarn.lock': '# yarn\n' },
    {
      'node_modules/.yarn-integrity': '{}',
      'node_modules/.yarn-state.yml': '__metadata: {}\n',
      'node_modules/plain/package.json': manifest('plain'),
      'node_modules/plain/index.js': says('plain'),
      'packages/app/node_modules/.bin/tool': '-> ../../../../node_modules/plain/index.js',
    },
  );
  write(at.checkout, { 'node_modules/@acme/core': `-> ${at.checkout}/packages/core` });
  const result = await linkDependencies(at);
  assert.deepEqual(result.warnings, []);
  assert.deepEqual([where(at.tree), where(at.tree, 'plain')], [join(at.tree, 'packages/core'), 'plain']);
  assertNoWayToSource(at);
});

test('a link that would end in the source of the checkout is left out and told', async () => {
  const tracked = { 'package.json': manifest('root'), ...lock };
  const at = places(tracked, {
    'lib/index.js': says('untracked'),
    'node_modules/lib': '-> ../lib',
    'node_modules/odd': '-> ../odd',
  });
  for (const root of [at.checkout, at.tree]) write(root, { odd: `-> ${at.checkout}/lib` });
  const { warnings } = await linkDependencies(at);
  assert.deepEqual(warnings.toSorted(), [
    'node_modules/lib leads to something that is not in this commit; it is left out.',
    'node_modules/odd would lead into your checkout; it is left out.',
  ]);
  assert.deepEqual(fs.readdirSync(join(at.tree, 'node_modules')), ['.vtcode-links']);
});

test('a package linked from elsewhere stays there and must be readable', async () => {
  const at = places({ 'package.json': manifest('root'), ...lock }, { 'node_modules/gone': '-> /nowhere/at/all' });
  write(dirname(at.checkout), { 'global/dev/index.js': says('dev') });
  const dev = join(dirname(at.checkout), 'global/dev');
  write(at.checkout, { 'node_modules/dev': `-> ${dev}` });
  const result = await linkDependencies(at);
  assert.equal(fs.realpathSync(join(at.tree, 'node_modules/dev')), dev);
  assert.deepEqual(result.readable.toSorted(), [join(at.checkout, 'node_modules'), dev].toSorted());
  assert.deepEqual(result.warnings, ['node_modules/gone is a link to nowhere in your checkout.']);
});

test('repeated: what is right stays, what is stale goes, private caches stay', async () => {
  const at = places({ ...workspace, ...lock }, npmInstalled);
  const first = await linkDependencies(at);
  const inodes = () =>
    fs
      .readdirSync(at.tree, { recursive: true, encoding: 'utf8' })
      .map((path) => [path, fs.lstatSync(join(at.tree, path)).ino]);
  const before = inodes();
  assert.deepEqual(await linkDependencies(at), first);
  assert.deepEqual(inodes(), before);

  write(at.tree, {
    'node_modules/.cache/mine': 'kept',
    'node_modules/.vite/deps': 'kept',
    'node_modules/planted/index.js': '',
  });
  fs.rmSync(join(at.tree, 'node_modules/@acme/core'));
  write(at.tree, { 'node_modules/@acme/core/index.js': says('tampered') });
  fs.rmSync(join(at.checkout, 'node_modules/plain'), { recursive: true });
  await linkDependencies(at);
  const names = fs.readdirSync(join(at.tree, 'node_modules'));
  assert.deepEqual(
    names.filter((name) => ['plain', 'planted'].includes(name)),
    [],
  );
  assert.equal(fs.readFileSync(join(at.tree, 'node_modules/.cache/mine'), 'utf8'), 'kept');
  assert.equal(fs.readFileSync(join(at.tree, 'node_modules/.vite/deps'), 'utf8'), 'kept');
  assert.equal(where(at.tree), join(at.tree, 'packages/core'));
});

test('a folder that repository code made a link is replaced, not written through', async () => {
  const at = places({ ...workspace, ...lock }, npmInstalled);
  const victim = join(dirname(at.checkout), 'victim');
  write(victim, { 'keep.txt': 'mine' });
  fs.symlinkSync(victim, join(at.tree, 'node_modules'));
  await linkDependencies(at);
  assert.deepEqual(fs.readdirSync(victim), ['keep.txt']);
  assert.ok(fs.lstatSync(join(at.tree, 'node_modules')).isDirectory());
});

test('nothing is linked, and earlier links go, when the tree wants other dependencies', async () => {
  const at = places({ ...workspace, ...lock }, npmInstalled);
  await linkDependencies(at);
  write(at.tree, { 'package-lock.json': '{"lockfileVersion":4}' });
  const result = await linkDependencies(at);
  const setupReason = 'package-lock.json differs from the one in your checkout';
  assert.deepEqual(result, { exclude: [], readable: [], warnings: [], setupReason });
  assert.deepEqual(
    [fs.existsSync(join(at.tree, 'node_modules')), fs.existsSync(join(at.tree, 'packages/app/node_modules'))],
    [false, false],
  );
});

test('the reason says what is missing', async () => {
  const reason = async (tracked: Files, installed: Files, differ: Files = {}) => {
    const at = places(tracked, installed);
    write(at.tree, differ);
    return (await linkDependencies(at)).setupReason;
  };
  const needs = { 'package.json': manifest('root', { dependencies: { plain: '1' } }) };
  assert.equal(await reason({ 'main.go': '' }, {}), null);
  assert.equal(await reason({ 'package.json': manifest('root') }, {}), null);
  assert.equal(await reason({ ...needs, ...lock }, {}), 'nothing is installed in your checkout');
  assert.equal(await reason(needs, { 'node_modules/plain/index.js': '' }), null);
  assert.equal(
    await reason(
      needs,
      { 'node_modules/plain/index.js': '' },
      { 'package.json': manifest('root', { dependencies: { plain: '2' } }) },
    ),
    'the dependencies in package.json differ from those in your checkout',
  );
  assert.equal(
    await reason(needs, { 'node_modules/x/a.js': '' }, { 'yarn.lock': '' }),
    'yarn.lock is not in your checkout',
  );
  assert.match((await reason(needs, { '.pnp.cjs': '' })) ?? '', /Yarn Plug'n'Play cannot be linked/);
  assert.equal(await reason({ ...needs, '.pnp.cjs': '' }, {}), null);
});

test('a package below the top with a lockfile of its own is judged by that one', async () => {
  const tracked = { 'package.json': manifest('root'), 'site/package.json': manifest('site'), 'site/yarn.lock': 'a\n' };
  const at = places(tracked, { 'node_modules/.keep': '', 'site/node_modules/plain/index.js': '' });
  assert.deepEqual((await linkDependencies(at)).exclude, ['/node_modules', '/site/node_modules']);
  write(at.tree, { 'site/yarn.lock': 'b\n' });
  const result = await linkDependencies(at);
  assert.deepEqual(
    [result.exclude, result.warnings],
    [
      ['/node_modules'],
      ['site: its dependencies are not linked: site/yarn.lock differs from the one in your checkout'],
    ],
  );
  assert.ok(!fs.existsSync(join(at.tree, 'site/node_modules')));
});

test('a package whose entry is built, and so not in the commit, is told', async () => {
  const built = { 'packages/core/package.json': manifest('@acme/core', { main: 'dist/index.js' }) };
  const at = places(
    { ...workspace, ...built, ...lock },
    { ...npmInstalled, 'packages/core/dist/index.js': says('built') },
  );
  const { warnings } = await linkDependencies(at);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /packages\/core\/dist\/index.js.* setup.commands/);
  assert.equal(fs.existsSync(join(at.tree, 'packages/core/dist')), false);
});

test('a dependency folder that came with the commit is left alone', async () => {
  const at = places({ 'package.json': manifest('root'), 'node_modules/vendored/index.js': says('vendored') }, {});
  const result = await linkDependencies(at);
  assert.deepEqual([result.exclude, fs.readdirSync(join(at.tree, 'node_modules'))], [[], ['vendored']]);
});
