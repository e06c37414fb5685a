import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/** Goal: plain JavaScript without any configuration is renamed as completely as TypeScript. Method: see renamed.ts. */
test('An exported object of a CommonJS module is renamed with every way to require it.', async () => {
  const { status, changed } = await renamed(
    {
      'm.js': 'function old() { return 1; }\nfunction y() { return old(); }\nmodule.exports = { old, y };\n',
      'destructured.js': "const { old } = require('./m');\nconsole.log(old(), old);\nconst o = { old };\no.old();\n",
      'aliased.js': "const { old: other } = require('./m');\nother();\n",
      'member.js': "const m = require('./m');\nm.old();\nm.y();\nconst direct = require('./m').old;\ndirect();\n",
      'same.js': "const old = require('./m').old;\nold();\n",
      'later.js': "const m = require('./m');\nconst { old } = m;\nold();\nrequire('./m').old();\n",
      'again.js': "module.exports = { ...require('./m'), extra: 1 };\n",
      'through.js': "const { old } = require('./again');\nold();\n",
      'module.mjs': "import { old } from './m.js';\nold();\n",
      'other.js': "function old() { return 'old'; }\nold(); // old\n",
    },
    { symbol: 'old', to: 'fresh', at: 'm.js:1' },
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'm.js': 'function fresh() { return 1; }\nfunction y() { return fresh(); }\nmodule.exports = { fresh, y };\n',
    'destructured.js':
      "const { fresh } = require('./m');\nconsole.log(fresh(), fresh);\nconst o = { old: fresh };\no.old();\n",
    'aliased.js': "const { fresh: other } = require('./m');\nother();\n",
    'member.js': "const m = require('./m');\nm.fresh();\nm.y();\nconst direct = require('./m').fresh;\ndirect();\n",
    'same.js': "const fresh = require('./m').fresh;\nfresh();\n",
    'later.js': "const m = require('./m');\nconst { fresh } = m;\nfresh();\nrequire('./m').fresh();\n",
    'through.js': "const { fresh } = require('./again');\nfresh();\n",
    'module.mjs': "import { fresh } from './m.js';\nfresh();\n",
  });
});

test('A function assigned to exports is renamed at the assignment and in its users.', async () => {
  const { status, changed } = await renamed(
    {
      'e.js': 'exports.old = function () { return 2; };\nexports.use = () => exports.old();\n',
      'a.js': "const e = require('./e');\ne.old();\nconst { old } = require('./e');\nold();\n",
    },
    { symbol: 'old', to: 'fresh' },
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'e.js': 'exports.fresh = function () { return 2; };\nexports.use = () => exports.fresh();\n',
    'a.js': "const e = require('./e');\ne.fresh();\nconst { fresh } = require('./e');\nfresh();\n",
  });
});

test('A function takes the export of the same name along, and leaves an export of another name.', async () => {
  const { status, changed } = await renamed(
    {
      'n.js': 'function old() {}\nmodule.exports.old = old;\nexports.other = old;\n',
      'pair.js': "module.exports = { old: require('./n').old };\n",
      'a.js': "const { old } = require('./n');\nold();\nconst n = require('./n');\nn.old();\nn.other();\n",
    },
    { symbol: 'old', to: 'fresh', at: 'n.js' },
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'n.js': 'function fresh() {}\nmodule.exports.fresh = fresh;\nexports.other = fresh;\n',
    'pair.js': "module.exports = { old: require('./n').fresh };\n",
    'a.js': "const { fresh } = require('./n');\nfresh();\nconst n = require('./n');\nn.fresh();\nn.other();\n",
  });
});

test('A function that is the whole module is renamed together with the variables that hold it.', async () => {
  const { status, changed } = await renamed(
    {
      'whole.js': 'module.exports = old;\nfunction old() {}\n',
      'user.js': "const old = require('./whole');\nold();\n",
      'named.js': "const other = require('./whole');\nother();\n",
    },
    { symbol: 'old', to: 'fresh' },
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'whole.js': 'module.exports = fresh;\nfunction fresh() {}\n',
    'user.js': "const fresh = require('./whole');\nfresh();\n",
  });
});

test('A class of plain ES modules is renamed in its imports, its re-exports and the types of JSDoc.', async () => {
  const { status, changed } = await renamed(
    {
      'package.json': '{ "type": "module" }',
      'box.js': 'export class Old {}\nexport default Old;\n',
      'index.js': "export { Old, default } from './box.js';\n",
      'use.js':
        "import Box, { Old } from './index.js';\n/** @type {import('./box.js').Old} an Old box */\nexport const box = new Old();\nexport { Box };\n",
    },
    { symbol: 'Old', to: 'Fresh' },
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'box.js': 'export class Fresh {}\nexport default Fresh;\n',
    'index.js': "export { Fresh, default } from './box.js';\n",
    'use.js':
      "import Box, { Fresh } from './index.js';\n/** @type {import('./box.js').Fresh} an Old box */\nexport const box = new Fresh();\nexport { Box };\n",
  });
});

test('A method called on a value of unknown type is unplaced, and nothing is guessed.', async () => {
  const { status, changed, report } = await renamed(
    {
      'a.js': 'class A { old() {} }\nfunction f(any) { any.old(); }\nf(new A());\nnew A().old();\n',
    },
    { symbol: 'A.old', to: 'fresh' },
  );
  assert.equal(status, 'unplaced');
  assert.deepEqual(report.unplaced, ['a.js:2:23 the type of the value before the dot is not known']);
  assert.deepEqual(changed, {
    'a.js': 'class A { fresh() {} }\nfunction f(any) { any.old(); }\nf(new A());\nnew A().fresh();\n',
  });
});

test('A replacement in a mocked module is renamed with the export it replaces.', async () => {
  const { status, changed } = await renamed(
    {
      'package.json': '{ "type": "module" }',
      'm.js': 'export function old() {}\n',
      'm.test.js':
        "import { old } from './m.js';\nvi.mock('./m.js', () => ({ old: vi.fn(), deep: { old: 1 } }));\nvi.mock('./n.js', () => ({ old: 1 }));\nold();\n",
    },
    { symbol: 'old', to: 'fresh' },
  );
  assert.equal(status, 'ok');
  assert.deepEqual(changed, {
    'm.js': 'export function fresh() {}\n',
    'm.test.js':
      "import { fresh } from './m.js';\nvi.mock('./m.js', () => ({ fresh: vi.fn(), deep: { old: 1 } }));\nvi.mock('./n.js', () => ({ old: 1 }));\nfresh();\n",
  });
});

test('A method of a class written as a function is renamed where `this` is that class, and only there.', async () => {
  const text =
    'function A() { this.old(); }\nA.prototype.old = function old() {};\nA.prototype.use = function () { this.old(); };\nfunction B() { this.old(); }\n';
  const { report, changed } = await renamed({ 'a.js': text }, { symbol: 'A.old', to: 'fresh' });
  assert.deepEqual(report.unplaced, ['a.js:4:21 the type of the value before the dot is not known']);
  assert.deepEqual(changed, {
    'a.js':
      'function A() { this.fresh(); }\nA.prototype.fresh = function old() {};\nA.prototype.use = function () { this.fresh(); };\nfunction B() { this.old(); }\n',
  });
});

test('Files without imports are programs of their own: their names do not meet, and a use of a global is unplaced.', async () => {
  const files = {
    'a.js': 'const old = 1;\nfunction inner() { return old; }\ninner();\n',
    'b.js': 'const old = 2;\nconsole.log(old);\n',
    'c.js': 'console.log(old);\n',
  };
  const { report, changed } = await renamed(files, { symbol: 'old', to: 'fresh', at: 'a.js' });
  assert.deepEqual(report.counts, { target: 2, otherSymbol: 2, text: 0, unplaced: 1 });
  assert.deepEqual(changed, { 'a.js': files['a.js'].replaceAll('old', 'fresh') });
});

test('Declarations that package.json names are renamed with the JavaScript that they describe, members too.', async () => {
  const files = {
    'package.json':
      '{ "name": "x", "main": "./index.js", "exports": { ".": { "types": "./typings/index.d.ts", "default": "./index.js" } } }',
    'index.js': "const { Old, old } = require('./lib/main.js');\nmodule.exports = { Old, old };\n",
    'lib/main.js':
      'class Old { run() { return 1; } }\nconst old = () => new Old().run();\nmodule.exports = { Old, old };\n',
    'lib/inner.js': 'class Inner { run() { return 2; } }\nnew Inner().run();\n',
    'typings/index.d.ts':
      'export class Old { run(): number; }\nexport class Inner { run(): number; }\nexport function old(): number;\n',
    'typings/use.ts': "import { Old, old } from './index';\nold() + new Old().run();\n",
    'test/main.js': "const { Old, old } = require('../');\nold() + new Old().run();\n",
  };
  const method = await renamed(files, { symbol: 'Old.run', to: 'fresh' });
  assert.equal(method.status, 'ok');
  assert.deepEqual(method.changed, {
    'lib/main.js':
      'class Old { fresh() { return 1; } }\nconst old = () => new Old().fresh();\nmodule.exports = { Old, old };\n',
    'typings/index.d.ts':
      'export class Old { fresh(): number; }\nexport class Inner { run(): number; }\nexport function old(): number;\n',
    'typings/use.ts': "import { Old, old } from './index';\nold() + new Old().fresh();\n",
    'test/main.js': "const { Old, old } = require('../');\nold() + new Old().fresh();\n",
  });
  for (const at of [undefined, 'lib/main.js', 'typings/index.d.ts']) {
    const all = await renamed(files, { symbol: 'Old', to: 'Fresh', ...(at && { at }) });
    assert.equal(all.status, 'ok');
    assert.deepEqual(Object.keys(all.changed).toSorted(), [
      ...['index.js', 'lib/main.js', 'test/main.js', 'typings/index.d.ts', 'typings/use.ts'],
    ]);
  }
});
