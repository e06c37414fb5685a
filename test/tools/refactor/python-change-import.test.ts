// Goal: Python's imports of a module change in each form, with the names that are renamed, and a server's new error is told.
// Method: a scripted server, which finds an error at every word `broken`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepare } from '../../../tools/refactor/change-import.run.ts';
import { codeFixture, reportOf } from '../code/code-fixture.ts';

const server = [process.execPath, new URL('../code/word-server.mjs', import.meta.url).pathname];

async function changed(files: Record<string, string>, from: string, to: string, rename: Record<string, string> = {}) {
  await using fixture = codeFixture(files);
  fixture.context.languageServers.python = server;
  const prepared = await prepare({ from, to, rename, dry_run: false }, fixture.context);
  fixture.apply(prepared);
  const now = Object.fromEntries(Object.keys(files).map((path) => [path, fixture.read(path)]));
  return { report: reportOf(prepared), now };
}

const before = `from shop.old import total, get as g
from shop import old, tax
import shop.old
import shop.old as o, os
old.get(); shop.old.get(); o.get(); o.other.get
patch("shop.old.get")
x = ["shop.old"]  # shop.old
`;
const after = `from lib.new import total, fetch as g
from lib import new as old
from shop import tax
import lib.new
import lib.new as o, os
old.fetch(); lib.new.fetch(); o.fetch(); o.other.get
patch("lib.new.fetch")
x = ["shop.old"]  # shop.old
`;

test('each form of import follows, with the names that are renamed', async () => {
  const { report, now } = await changed({ 'use.py': before }, 'shop.old', 'lib.new', { get: 'fetch' });
  assert.deepEqual([report.status, report.counts.text], ['ok', 1]);
  assert.equal(now['use.py'], after);
});

test('imports with dots that lead to a file of the workspace follow its path', async () => {
  const files = {
    'src/shop/__init__.py': '',
    'src/shop/old.py': '',
    'src/shop/use.py': 'from .old import x\nfrom . import old\n',
  };
  const { report, now } = await changed({ ...files, 'pyproject.toml': '' }, 'src/shop/old.py', 'other');
  assert.equal(report.status, 'ok', JSON.stringify(report));
  assert.equal(now['src/shop/use.py'], 'from other import x\nimport other as old\n');
});

test('a module that has only the same beginning is another one', async () => {
  const { report } = await changed({ 'use.py': 'import shop.older\nfrom shop.old.sub import x\n' }, 'shop.old', 'lib');
  assert.notEqual(report.status, 'ok');
});

test('a new error and a star that may hide a renamed name are told', async () => {
  const { report } = await changed({ 'use.py': 'from old import *\n' }, 'old', 'broken', { get: 'fetch' });
  assert.deepEqual(report.unplaced, [
    'use.py:1:17 a star hides which names it takes',
    'use.py:1:6 after the change word-server.mjs says: broken is broken',
  ]);
});
