// Goal: a move of Python code changes each form of import, and the names and strings that go with it; what is not certain is
// told. Method: texts before and after. That the result has no errors is shown with pyright in test/world.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedText, textFileOf } from '../../../tools/files/text-file.ts';
import { pythonMove } from '../../../tools/refactor/languages/python-move.ts';
import type { Move } from '../../../tools/refactor/move-plan.ts';

type Files = Record<string, string>;

/** Names of packages lead to modules unless the package's own text declares them. */
async function moved(files: Files, from: string, to: string) {
  const all = Object.keys(files);
  const place = (path: string) =>
    path === from ? to : path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
  const inside = all.filter((path) => place(path) !== path);
  const isFolder = !all.includes(from);
  const move: Move = {
    files: new Map(inside.map((path) => [path, place(path)])),
    folder: isFolder ? { from, to } : undefined,
    has: (path) => place(path) !== path,
    placeOf: place,
  };
  const read = (path: string) => (files[path] === undefined ? undefined : textFileOf(path, files[path]));
  const isModule = async (_: string, __: number, module: string) => {
    const [name = '', ...above] = module
      .replace(/(?:\/__init__)?\.py$/, '')
      .split('/')
      .toReversed();
    const declared = files[[...above.toReversed(), '__init__.py'].join('/')] ?? '';
    return !declared.includes(`def ${name}`);
  };
  const result = await pythonMove(all, { read }, move, isModule);
  const changed: Files = {};
  for (const [path, edits] of result.edits) changed[place(path)] = editedText(files[path]!, edits);
  return {
    changed,
    unplaced: result.unplaced.map(({ path, reason }) => `${path}: ${reason}`),
    texts: result.texts.length,
  };
}

const shop: Files = { 'src/shop/__init__.py': '', 'src/shop/cart.py': '', 'src/shop/tax.py': '', 'pyproject.toml': '' };

const forms: [string, string][] = [
  ['import shop.cart\nshop.cart.total(shop.cart.x)\n', 'import shop.basket\nshop.basket.total(shop.basket.x)\n'],
  ['import os, shop.cart as c\nc.total()\n', 'import os, shop.basket as c\nc.total()\n'],
  ['import shop\nshop.cart.total()\nx.shop.cart\n', 'import shop\nshop.basket.total()\nx.shop.cart\n'],
  ['from shop.cart import total, x as y\n', 'from shop.basket import total, x as y\n'],
  ['from shop.cart import *\n', 'from shop.basket import *\n'],
  ['from shop import cart\ncart.total()\n', 'from shop import basket as cart\ncart.total()\n'],
  ['from shop import (\n  tax,  # cart\n  cart as c,\n)\n', 'from shop import (\n  tax,  # cart\n  basket as c,\n)\n'],
  ['try: import shop.cart\nexcept ImportError: pass\n', 'try: import shop.basket\nexcept ImportError: pass\n'],
  ['from shop \\\n  .cart import x; y = 1\n', 'from shop.basket import x; y = 1\n'],
  ['import_module("shop.cart")\n', 'import_module("shop.basket")\n'],
  ["@patch('shop.cart.total')\ndef f(): pass\n", "@patch('shop.basket.total')\ndef f(): pass\n"],
  ['"""\nimport shop.cart\n"""\n# import shop.cart\n', '"""\nimport shop.cart\n"""\n# import shop.cart\n'],
  ['import shopping.cart\nfrom other import cart\n', 'import shopping.cart\nfrom other import cart\n'],
];
for (const [before, after] of forms) {
  test(`${JSON.stringify(before.split('\n')[0])} follows a module that gets another name`, async () => {
    const { changed, unplaced } = await moved(
      { ...shop, 'tests/use.py': before },
      'src/shop/cart.py',
      'src/shop/basket.py',
    );
    assert.deepEqual([changed['tests/use.py'] ?? before, unplaced], [after, []]);
  });
}

test('imports with dots follow, also those of the moved module itself', async () => {
  const files = {
    ...shop,
    'src/shop/__init__.py': 'from . import cart\nfrom .cart import total\n',
    'src/shop/cart.py': 'from .tax import vat\nfrom . import tax\nfrom shop import tax as t\nimport os\n',
    'src/shop/lib/__init__.py': '',
    'src/shop/lib/util.py': 'from ..cart import total\nfrom .. import cart, tax\n',
  };
  const { changed, unplaced } = await moved(files, 'src/shop/cart.py', 'src/shop/lib/cart.py');
  assert.deepEqual(unplaced, []);
  assert.deepEqual(changed, {
    'src/shop/__init__.py': 'from .lib import cart\nfrom .lib.cart import total\n',
    'src/shop/lib/cart.py': 'from ..tax import vat\nfrom .. import tax\nfrom shop import tax as t\nimport os\n',
    'src/shop/lib/util.py': 'from .cart import total\nfrom . import cart\nfrom .. import tax\n',
  });
});

test('a name that leaves its statement gets one of its own, at its indent or behind a semicolon', async () => {
  const use = 'def f():\n    from shop import cart, tax\n    return cart\nx = 1; from shop import tax, cart\n';
  const { changed } = await moved({ ...shop, 'use.py': use }, 'src/shop/cart.py', 'src/shop/lib/cart.py');
  const after = 'def f():\n    from shop.lib import cart\n    from shop import tax\n    return cart\n';
  assert.equal(changed['use.py'], `${after}x = 1; from shop.lib import cart; from shop import tax\n`);
});

test('a folder that moves takes its own relative imports along unchanged', async () => {
  const files = {
    ...shop,
    'src/shop/a/__init__.py': 'from .b import x\n',
    'src/shop/a/b.py': 'from ..tax import vat\nfrom shop.a import b\n',
    'use.py': 'import shop.a.b\nfrom shop import a\nshop.a.b.x\n',
  };
  const { changed, unplaced } = await moved(files, 'src/shop/a', 'src/shop/deep/a');
  assert.deepEqual(unplaced, []);
  assert.deepEqual(changed, {
    'src/shop/deep/a/b.py': 'from ...tax import vat\nfrom shop.deep.a import b\n',
    'use.py': 'import shop.deep.a.b\nfrom shop.deep import a\nshop.deep.a.b.x\n',
  });
});

test('a function of the package that has the name of a module is none', async () => {
  const files = {
    ...shop,
    'src/shop/__init__.py': 'def cart(): pass\n',
    'use.py': 'import shop\nfrom shop import cart\nshop.cart()\n',
  };
  assert.deepEqual((await moved(files, 'src/shop/cart.py', 'src/shop/basket.py')).changed, {});
});

test('a script beside its module is imported by the bare name, which stays as the local one', async () => {
  const files = { 'tools/run.py': 'import helper\nhelper.x\n', 'tools/helper.py': '' };
  const { changed } = await moved(files, 'tools/helper.py', 'tools/aid.py');
  assert.deepEqual(changed, { 'tools/run.py': 'import aid as helper\nhelper.x\n' });
});

test('strings that only may import, two modules of one name, and what depends on the folder are told', async () => {
  const files = {
    ...shop,
    'src/shop/cart.py': 'from pathlib import Path\nhere = Path(__file__)\n',
    'shop/cart.py': '',
    'use.py':
      'x = {"shop.cart": 1}\nimport shop.cart\nimport_module(".cart", package="shop")\ngetLogger("shop.cart")\n',
  };
  const { unplaced, texts } = await moved(files, 'src/shop/cart.py', 'src/shop/lib/cart.py');
  assert.deepEqual(unplaced, [
    'src/shop/cart.py: depends on the folder of this file, which moves',
    'use.py: may mean shop/cart.py or src/shop/cart.py',
    'use.py: a string that names src/shop/cart.py',
  ]);
  assert.equal(texts, 1);
});

test("a conftest.py is not moved as if it were a module like others'", async () => {
  const { unplaced } = await moved({ 'tests/conftest.py': '' }, 'tests/conftest.py', 'conftest.py');
  assert.deepEqual(unplaced, ['tests/conftest.py: means something by its name and folder']);
});
