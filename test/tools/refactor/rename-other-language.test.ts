import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepare } from '../../../tools/refactor/rename-symbol.run.ts';
import { codeFixture, reportOf, sitesOf } from '../code/code-fixture.ts';

/**
 * Goal: another language is renamed by its server, every occurrence is told, and what the server's errors or definitions
 * do not bear out is not told as done. Method: a scripted server.
 */
const files = {
  'a.py': 'def old():\n    return 1\n# old\n',
  'b.py': 'from a import old\nprint(old())\n',
};
const server = [process.execPath, new URL('../code/word-server.mjs', import.meta.url).pathname];

async function renamed(texts: Record<string, string>, to: string, argv = server, more = {}) {
  await using fixture = codeFixture(texts);
  fixture.context.languageServers.python = argv;
  const prepared = await prepare({ symbol: 'old', to, dry_run: false, ...more }, fixture.context);
  fixture.apply(prepared);
  const report = reportOf(prepared);
  const sites = prepared.data === undefined || report.counts.target === 0 ? [] : sitesOf(prepared);
  const now = Object.fromEntries(Object.keys(texts).map((path) => [path, fixture.read(path)]));
  return { report, sites, now };
}

for (const [how, argv] of [
  ['is asked for errors', server],
  ['sends errors by itself', [...server, '--sends']],
] as const) {
  test(`a server that ${how} renames; comments are told as text`, async () => {
    const { report, now } = await renamed(files, 'fresh', argv as string[]);
    assert.deepEqual(report, {
      status: 'ok',
      message: 'old → fresh: 3 places in 2 files. 1 in strings, comments or documents stays.',
      counts: { target: 3, otherSymbol: 0, text: 1, unplaced: 0 },
      files: [
        ['a.py', 1],
        ['b.py', 2],
      ],
      unplaced: [],
      candidates: [],
    });
    assert.deepEqual(now, {
      'a.py': 'def fresh():\n    return 1\n# old\n',
      'b.py': 'from a import fresh\nprint(fresh())\n',
    });
  });

  test(`a new error of a server that ${how} makes its place undecided`, async () => {
    const { report } = await renamed(files, 'broken', argv as string[]);
    assert.equal(report.status, 'unplaced');
    assert.equal(report.unplaced[0], 'a.py:1:5 after the rename word-server.mjs says: broken is broken');
  });
}

test('a use that the server cannot tell is undecided; an error of before is none of the rename', async () => {
  const { report, now } = await renamed({ ...files, 'c.py': 'broken ? x.old\n' }, 'fresh');
  assert.deepEqual(report.unplaced, ['c.py:1:12 word-server.mjs cannot tell what this is']);
  assert.equal(now['c.py'], 'broken ? x.old\n');
});

test('a new name that would come to lead elsewhere clashes; the same word in a comment does not', async () => {
  const clash = await renamed({ ...files, 'c.py': 'def fresh(): pass\n' }, 'fresh');
  assert.deepEqual([clash.report.status, clash.report.candidates], ['clash', ['c.py:1:5']]);
  assert.equal((await renamed({ ...files, 'c.py': '# fresh\n' }, 'fresh')).report.status, 'ok');
});

test('a string of getattr is asked about as code; a mere string is a text', async () => {
  const texts = { ...files, 'c.py': 'getattr(a, "old")\nx = {"old": 1}\nattrgetter("old")\n' };
  const { sites, now } = await renamed(texts, 'fresh');
  assert.equal(now['c.py'], 'getattr(a, "fresh")\nx = {"old": 1}\nattrgetter("old")\n');
  assert.deepEqual(
    sites.filter(({ path }) => path === 'c.py').map(({ placement }) => placement),
    ['target', 'text', 'unplaced'],
  );
});

test('a place that is undecided is renamed on request, and so are texts', async () => {
  const texts = { ...files, 'c.py': 'broken ? x.old # old\n' };
  const { report, now } = await renamed(texts, 'fresh', server, { take_unplaced: true, text: true });
  assert.deepEqual([report.status, now['c.py']], ['ok', 'broken ? x.fresh # fresh\n']);
});

test('configuration that names the symbol with its module is undecided, a document is a text', async () => {
  const texts = { ...files, 'pyproject.toml': '[project.scripts]\nx = "a:old"\nold = 1\n', 'README.md': 'old\n' };
  const { report } = await renamed(texts, 'fresh');
  assert.deepEqual([report.unplaced, report.counts.text], [['pyproject.toml:2:8 names a:old'], 2]);
});

test('without a server the answer says where it was looked for and how to get one', async () => {
  await using fixture = codeFixture({ 'a.kt': 'fun old() {}\n', 'b.java': 'class B { void gone() {} }\n' });
  fixture.context.programPath = '/nowhere';
  const kotlin = reportOf(await prepare({ symbol: 'old', to: 'fresh', dry_run: false }, fixture.context));
  assert.match(kotlin.message, /no server is configured for kotlin\. .*\[language_servers\] in your agents\.toml/);
  const java = reportOf(await prepare({ symbol: 'gone', to: 'fresh', dry_run: false }, fixture.context));
  assert.equal(java.status, 'refused');
  assert.match(
    java.message,
    /jdtls was looked for in node_modules\/\.bin, .* and on PATH.* Get one with `install jdtls/,
  );
});

test('a server in node_modules/.bin is taken when none is configured; two declarations are ambiguous', async () => {
  const script = `#!/usr/bin/env node\nimport(${JSON.stringify(server[1])});\n`;
  await using fixture = codeFixture({
    ...{ 'c.py': 'def two(): pass\n', 'd.py': 'def two(): pass\n' },
    'node_modules/.bin/pyright-langserver': script,
  });
  chmodSync(join(fixture.workspace, 'node_modules/.bin/pyright-langserver'), 0o755);
  const two = reportOf(await prepare({ symbol: 'two', to: 'three', dry_run: false }, fixture.context));
  assert.deepEqual([two.status, two.candidates], ['ambiguous', ['c.py:1:5 function two', 'd.py:1:5 function two']]);
});
