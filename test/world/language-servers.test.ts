// Goal: renames, moves and changed imports in other languages are complete, or say where they are not, with the servers that
// people have. Method: the whole program on small repositories with known answers. pyright is installed by this package;
// the cases of gopls and clangd run where the program is found, and say so where it is not.
// rust-analyzer and jdtls are taken in the same way and were not run.
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { makeRepository } from '../support/repository.ts';
import { testVtcode } from '../support/vtcode.ts';

const vtcode = testVtcode();
after(() => rmSync(join(vtcode.state, '..'), { recursive: true, force: true }));
const installed = join(import.meta.dirname, 'node_modules', '.bin');
const folders = [installed, ...(process.env.PATH ?? '').split(delimiter)];
const has = (program: string) => folders.some((folder) => existsSync(join(folder, program)));

type Case = {
  title: string;
  program: string;
  files: Record<string, string>;
  goal: string;
  /** Texts of files afterwards; absent: the run stops. */
  after?: Record<string, string>;
  /** Parts of what a run that stops says. */
  says?: RegExp[];
};

const shop = {
  'shop/__init__.py': 'from .cart import Cart, total as grand, total\n\n__all__ = ["Cart", "total"]\n',
  'shop/cart.py':
    'from __future__ import annotations\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass Cart:\n    price: int\n\n' +
    '    def cost(self, rate: int = 1) -> int:\n        return self.price * rate\n\n\nclass Big(Cart):\n' +
    '    def cost(self, rate: int = 1) -> int:\n        return super().cost(rate) + self.price\n\n\n' +
    'def total(carts: "list[Cart]") -> int:\n    # total\n    return sum(c.cost(rate=2) for c in carts)\n',
  'tests/test_it.py':
    'from unittest.mock import patch\n\nimport shop.cart\nfrom shop.cart import Big, Cart\n\n\n@patch("shop.cart.total")\ndef test(m):\n' +
    '    shop.cart.total([Cart(price=1), Big(price=2)])\n    print(f"{shop.total([])} total", getattr(Cart(price=1), "cost"))\n',
  'pyproject.toml': '[project]\nname = "example"\n',
};
const withTexts = (changes: Record<string, [RegExp, string][]>) =>
  Object.fromEntries(
    Object.entries(changes).map(([path, list]) => {
      let text = shop[path as keyof typeof shop];
      for (const [from, to] of list) text = text.replaceAll(new RegExp(from, 'g'), to);
      return [path, text];
    }),
  );

const cases: (Omit<Case, 'program' | 'files'> & { files?: Record<string, string> })[] = [
  {
    title: 'a function, with its re-exports, __all__, a patch and an f-string',
    goal: 'rename total to sum_of',
    after: withTexts({
      'shop/__init__.py': [[/\btotal\b/, 'sum_of']],
      'shop/cart.py': [[/def total/, 'def sum_of']],
      'tests/test_it.py': [
        [/cart\.total/, 'cart.sum_of'],
        [/shop\.total/, 'shop.sum_of'],
      ],
    }),
  },
  {
    title: 'a class, also in quotes and in __all__',
    goal: 'rename Cart to Basket',
    after: withTexts({
      'shop/__init__.py': [[/\bCart\b/, 'Basket']],
      'shop/cart.py': [[/\bCart\b/, 'Basket']],
      'tests/test_it.py': [[/\bCart\b/, 'Basket']],
    }),
  },
  {
    title: 'a method, with what overrides it and getattr',
    goal: 'rename Cart.cost to amount',
    after: withTexts({
      'shop/cart.py': [[/\bcost\b/, 'amount']],
      'tests/test_it.py': [[/"cost"/, '"amount"']],
    }),
  },
  {
    title: 'a field of a dataclass, with the keywords of its calls',
    goal: 'rename Cart.price to prize',
    after: withTexts({ 'shop/cart.py': [[/\bprice\b/, 'prize']], 'tests/test_it.py': [[/\bprice\b/, 'prize']] }),
  },
  {
    title: 'a new name that a class already has clashes',
    goal: 'rename Cart.cost to price',
    says: [/price is already in use where cost would become it: shop\/cart\.py:7:5/],
  },
  {
    title: 'a use whose type is not known stops the plan with its place',
    goal: 'rename Cart.cost to amount',
    files: { 'more.py': 'def f(x):\n    return x.cost(1)\n' },
    says: [/more\.py:2:14 +pyright cannot tell what this is/],
  },
  {
    title: 'a method that overrides one of a library stops the plan',
    goal: 'rename Job.run to start_it',
    files: { 'job.py': 'import threading\n\n\nclass Job(threading.Thread):\n    def run(self) -> None: ...\n' },
    says: [/job\.py:5:9 +overrides run of .*threading\.pyi?, which keeps its name/],
  },
  {
    title: 'an entry point in pyproject.toml stops the plan',
    goal: 'rename total to sum_of',
    files: { 'pyproject.toml': '[project.scripts]\nshop = "shop.cart:total"\n' },
    says: [/pyproject\.toml:2:19 +names shop\.cart:total/],
  },
  {
    title: 'a module moves with every import of it',
    goal: 'move shop/cart.py to shop/lib/basket.py',
    after: {
      'shop/__init__.py': 'from .lib.basket import Cart, total as grand, total\n\n__all__ = ["Cart", "total"]\n',
      'shop/lib/__init__.py': '',
      'shop/lib/basket.py': shop['shop/cart.py'],
      'tests/test_it.py': shop['tests/test_it.py'].replaceAll('shop.cart', 'shop.lib.basket'),
    },
  },
  {
    title: 'a package moves',
    goal: 'move the folder shop to store',
    after: {
      'store/__init__.py': shop['shop/__init__.py'],
      'tests/test_it.py': shop['tests/test_it.py'].replaceAll(/\bshop\b/g, 'store'),
    },
  },
  {
    title: 'imports of a module change to another one, in each form',
    goal: 'change imports of shop.cart to shop.basket',
    files: { 'shop/basket.py': shop['shop/cart.py'] },
    after: {
      'shop/__init__.py': shop['shop/__init__.py'].replace('.cart', 'shop.basket'),
      'tests/test_it.py': shop['tests/test_it.py'].replaceAll('shop.cart', 'shop.basket'),
    },
  },
  {
    title: 'imports of a module that lacks a name stop the plan with its place',
    goal: 'change imports of shop.cart to shop.basket',
    files: { 'shop/basket.py': 'class Cart: ...\n' },
    says: [/shop\/__init__\.py:1:25 +after the change pyright says: "total" is unknown import symbol/],
  },
  {
    title: 'a module that another string names stops the plan with its place',
    goal: 'move shop/cart.py to shop/basket.py',
    files: { 'settings.py': 'APPS = ["shop.cart"]\n' },
    says: [/settings\.py:1:9 +a string that names shop\/cart\.py/],
  },
];
const python = cases.map((one): Case => ({ ...one, program: 'pyright-langserver', files: { ...shop, ...one.files } }));

const others: Case[] = [
  {
    title: 'Go: a function, in another package too',
    program: 'gopls',
    files: {
      'go.mod': 'module example.com/m\n\ngo 1.19\n',
      'm/m.go': 'package m\n\n// Total adds.\nfunc Total(n int) int { return n }\n',
      'main.go': 'package main\n\nimport "example.com/m/m"\n\nfunc main() { println(m.Total(1), "Total") }\n',
    },
    goal: 'rename Total to Sum',
    after: {
      'm/m.go': 'package m\n\n// Sum adds.\nfunc Sum(n int) int { return n }\n',
      'main.go': 'package main\n\nimport "example.com/m/m"\n\nfunc main() { println(m.Sum(1), "Total") }\n',
    },
  },
  {
    title: 'C: a function with its header',
    program: 'clangd',
    files: {
      'a.h': 'int total(int n);\n',
      'a.c': '#include "a.h"\nint total(int n) { return n; }\n',
      'main.c': '#include "a.h"\nint main(void) { return total(1); /* total */ }\n',
    },
    goal: 'rename total to sum',
    after: {
      'a.h': 'int sum(int n);\n',
      'a.c': '#include "a.h"\nint sum(int n) { return n; }\n',
      'main.c': '#include "a.h"\nint main(void) { return sum(1); /* total */ }\n',
    },
  },
  {
    title: 'C++: a method, also in a macro',
    program: 'clangd',
    files: {
      'cart.hpp':
        '#pragma once\nnamespace shop { struct Cart { int total() const { return 1; } }; int all(const Cart& c); }\n',
      'cart.cpp': '#include "cart.hpp"\nint shop::all(const Cart& c) { return c.total(); }\n',
      'main.cpp':
        '#include "cart.hpp"\n#define SHOW(c) (c).total()\nint main() { shop::Cart c; return SHOW(c) + c.total(); }\n',
    },
    goal: 'rename total in cart.hpp to sum',
    after: {
      'cart.hpp':
        '#pragma once\nnamespace shop { struct Cart { int sum() const { return 1; } }; int all(const Cart& c); }\n',
      'cart.cpp': '#include "cart.hpp"\nint shop::all(const Cart& c) { return c.sum(); }\n',
      'main.cpp':
        '#include "cart.hpp"\n#define SHOW(c) (c).sum()\nint main() { shop::Cart c; return SHOW(c) + c.sum(); }\n',
    },
  },
];

for (const { title, program, files, goal, after: texts, says } of [...python, ...others]) {
  test(title, async (context) => {
    if (!has(program)) return context.skip(`${program} is not installed here, so this was not run`);
    const repository = makeRepository({ '.gitignore': '__pycache__\n', ...files });
    const environment = { PATH: folders.join(delimiter) };
    const call = await vtcode.call(['run', '--plan', goal, '--yes', '--no-checks', '-C', repository.root], {
      environment,
    });
    const said = call.stdout + call.stderr;
    const branch = repository.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/vtcode');
    if (texts === undefined) {
      assert.equal(call.code, 2, said);
      assert.equal(branch, '');
      for (const one of says ?? []) assert.match(said, one);
    } else {
      assert.equal(call.code, 0, said);
      for (const [path, text] of Object.entries(texts)) {
        assert.equal(repository.git('show', `${branch}:${path}`), text.trimEnd(), path);
      }
    }
    repository.remove();
  });
}
