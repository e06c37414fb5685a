import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/** Goal: names in comments that the compiler reads are code, all others are text. Method: see renamed.ts. */
const declared = 'class Old {}\nmodule.exports = { Old };\n';
const rename = { symbol: 'Old', to: 'Fresh', at: 'a.js' };
const swap = (text: string) => text.replaceAll('Old', 'Fresh').replaceAll('~', 'Old');

for (const [title, text] of [
  [
    'parameters and results',
    "const { Old } = require('./a');\n/** @param {Old} x ~ @returns {Promise<Old[]>} the ~ */\nfunction f(x) {}\n",
  ],
  ['casts', "const { Old } = require('./a');\nconst y = /** @type {Old} */ (/** @type {unknown} */ (1));\n"],
  ['type definitions', "/** @typedef {import('./a').Old} Mine ~ */\n/** @type {Mine} */\nlet x;\n"],
  ['imports', "/** @import { Old } from './a' */\n/** @type {Old} */\nlet x; // ~\n"],
  [
    'imports under another name',
    "/**\n * @import { Old as ~2,\n *   Old as O } from './a'\n */\n/** @type {O | ~2} */\nlet x;\n",
  ],
  [
    'templates',
    "const { Old } = require('./a');\n/**\n * @template {Old} T\n * @template {keyof Old} [K=keyof Old]\n * @satisfies {Old}\n */\nconst y = 1;\n",
  ],
  [
    'links and bases',
    "const { Old } = require('./a');\n/** {@link Old} ~ {@linkcode Old|~}\n * @extends {Old}\n */\nclass B extends Old {}\n",
  ],
  ['whole modules', "/** @type {import('./a').Old<import(\"./a\").Old>} */\nlet x;\n/** @see import('./b').~ */\n"],
  ['another type of the file', '/** @typedef {{ a: 1 }} ~ */\n/** @type {~} */\nlet x;\n'],
  ['another module', "/** @type {import('./c').~} */\nlet x;\n"],
] as const) {
  test(`Comments as code: ${title}`, async () => {
    const before = text.replaceAll('~', 'Old');
    const { status, changed } = await renamed({ 'a.js': declared, 'b.js': before, 'c.js': 'exports.a = 1;\n' }, rename);
    const same = before === swap(text);
    assert.deepEqual(changed, { 'a.js': swap(declared), ...(same ? {} : { 'b.js': swap(text) }) });
    assert.equal(status, 'ok');
  });
}

test('A type that a comment declares is renamed', async () => {
  const files = {
    'a.js': '/** @typedef {{ a: 1 }} Old an Old */\n/** @type {Old} */\nlet x;\n',
    'b.js': "/** @param {import('./a').Old} x Old */\nfunction f(x) {}\n",
  };
  const { status, changed } = await renamed(files, { symbol: 'Old', to: 'Fresh' });
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'a.js': '/** @typedef {{ a: 1 }} Fresh an Old */\n/** @type {Fresh} */\nlet x;\n',
    'b.js': "/** @param {import('./a').Fresh} x Old */\nfunction f(x) {}\n",
  });
});
