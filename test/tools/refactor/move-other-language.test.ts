// Goal: a move in a language whose imports are not read is never complete: each line that names the module is told.
// Method: a small package in each language; the lines that are told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from './moved.ts';

type Case = { language: string; files: Record<string, string>; from: string; to: string; lines: string[] };
const cases: Case[] = [
  {
    language: 'Python',
    files: {
      'shop/prices.py': 'from .tax import vat\nimport os\n',
      'shop/tax.py': '',
      'shop/__init__.py': 'from .prices import total\n',
      'shop/cart.py': 'import shop.prices as p\nfrom shop import (\n    tax,\n    prices,\n)\n',
      'tests/test_it.py': "@patch('shop.prices.total')\ndef test(): pass\n",
      'pyproject.toml': '[project.scripts]\nshop = "shop.prices:main"\n',
      'other.py': 'prices = []\n',
    },
    from: 'shop/prices.py',
    to: 'shop/lib/prices.py',
    lines: [
      'pyproject.toml:2',
      'shop/__init__.py:1',
      'shop/cart.py:1',
      'shop/cart.py:4',
      'shop/prices.py:1',
      'tests/test_it.py:1',
    ],
  },
  {
    language: 'Go',
    files: {
      'go.mod': 'module example.com/m\n',
      'prices/prices.go': 'package prices\n',
      'prices/tax.go': '// c\npackage prices\n',
      'main.go': 'package main\n\nimport (\n\t"fmt"\n\n\t"example.com/m/prices"\n)\n',
    },
    from: 'prices/prices.go',
    to: 'shop/prices.go',
    lines: ['main.go:6', 'prices/prices.go:1', 'prices/tax.go:2'],
  },
  {
    language: 'Rust',
    files: {
      'src/main.rs': 'mod prices;\nuse crate::prices::total;\nfn main() { prices::total(); }\nlet prices = 1;\n',
      'src/prices.rs': 'use super::tax;\n',
    },
    from: 'src/prices.rs',
    to: 'src/shop/prices.rs',
    lines: ['src/main.rs:1', 'src/main.rs:2', 'src/main.rs:3', 'src/prices.rs:1'],
  },
  {
    language: 'Java',
    files: {
      'com/shop/Prices.java': 'package com.shop;\n',
      'com/shop/Cart.java': 'package com.shop;\nclass Cart { Prices p; }\n',
      'com/Main.java': 'package com;\nimport com.shop.Prices;\n',
      'pom.xml': '<mainClass>com.shop.Prices</mainClass>\n',
    },
    from: 'com/shop/Prices.java',
    to: 'com/money/Prices.java',
    lines: ['com/Main.java:2', 'com/shop/Cart.java:2', 'com/shop/Prices.java:1', 'pom.xml:1'],
  },
  {
    language: 'C and C++',
    files: {
      'src/prices.c': '#include "prices.h"\n',
      'src/prices.h': '',
      Makefile: 'all: prices.o\n\tcc src/prices.c\n',
      'CMakeLists.txt': 'add_library(p src/prices.c)\n',
    },
    from: 'src/prices.c',
    to: 'lib/prices.c',
    lines: ['CMakeLists.txt:1', 'Makefile:1', 'Makefile:2', 'src/prices.c:1'],
  },
  {
    language: '.zzz files',
    files: { 'a.zzz': 'x\n', 'b.zzz': 'import "a"\n' },
    from: 'a.zzz',
    to: 'lib/a.zzz',
    lines: ['a.zzz:1', 'b.zzz:1'],
  },
];

for (const { language, files, from, to, lines } of cases) {
  test(`${language}: the lines that name the module are told`, async () => {
    const { status, message, unplaced } = await moved(files, from, to);
    assert.equal(status, 'unplaced');
    assert.ok(message.includes(`1 file moves. Imports in ${language} are not read.`), message);
    if (language === 'Python') assert.match(message, /For Python, no server .* Get one with `npm i -D pyright`/);
    const found = unplaced.map((place) => place.split(':').slice(0, 2).join(':'));
    assert.deepEqual([...new Set(found)].toSorted(), lines);
  });
}

test('a module that no line names is told as well: what it imports is not known', async () => {
  const { unplaced } = await moved({ 'a.py': 'x = 1\n' }, 'a.py', 'lib/a.py');
  assert.deepEqual(unplaced, [
    'a.py:1:1 imports in Python are not read: look at what this file imports, and at what imports it',
  ]);
});
