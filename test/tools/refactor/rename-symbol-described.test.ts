import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/**
 * Goal: what a script hands on inside an object is renamed in the declarations that a person wrote for it, and in the uses
 * that TypeScript reads there, or the places are named. Method: see renamed.ts.
 */
const manifest = '{"name":"pump","version":"1.0.0","main":"index.js","types":"index.d.ts"}';
const faults = "'use strict'\nclass Old extends Error {}\nmodule.exports = { Old }\n";
const use = "const { faults } = require('..')\nif (!(1 instanceof faults.Old)) process.exit(1)\n";
const rename = { symbol: 'Old', to: 'Fresh', at: 'lib/faults.js' };
const namespace = 'export default Faults\ndeclare namespace Faults {\n  export class Old extends Error {}\n}\n';

for (const [title, script, types, more] of [
  [
    'a namespace',
    "exports.faults = require('./lib/faults')\n",
    "import Faults from './types/faults'\nexport { Faults as faults }\n",
    { 'types/faults.d.ts': namespace },
  ],
  [
    'a variable in between',
    "const faults = require('./lib/faults')\nmodule.exports = { a: 1, faults }\n",
    "import Faults from './types/faults'\nexport { Faults as faults }\n",
    { 'types/faults.d.ts': namespace },
  ],
  [
    'a whole module',
    "module.exports.faults = require('./lib/faults');\n",
    "export * as faults from './types/faults'\n",
    { 'types/faults.d.ts': 'export class Old extends Error {}\n' },
  ],
  [
    'an object',
    "module.exports = { faults: require('./lib/faults') }\n",
    'export const faults: { Old: new () => Error }\n',
    {},
  ],
  [
    'a function with properties',
    "const faults = require('./lib/faults')\nfunction pump () {}\npump.faults = faults\nmodule.exports = pump\n",
    'declare function pump(): void\ndeclare namespace pump {\n  export const faults: { Old: new () => Error }\n}\nexport = pump\n',
    {},
  ],
] as const) {
  test(`Declarations by hand follow: ${title}`, async () => {
    const files = {
      'package.json': manifest,
      'lib/faults.js': faults,
      'index.js': script,
      'index.d.ts': types,
      ...more,
      'test/a.js': use,
    };
    const { status, changed, report } = await renamed(files, rename);
    assert.deepEqual([status, report.unplaced], ['ok', []]);
    const wanted = Object.entries(files).filter(([, text]) => text.includes('Old'));
    assert.deepEqual(
      changed,
      Object.fromEntries(wanted.map(([path, text]) => [path, text.replaceAll('Old', 'Fresh')])),
    );
  });
}

test('Declarations and uses that no link leads to are named', async () => {
  const files = {
    'package.json': manifest,
    'lib/faults.js': faults,
    'index.js': "exports.faults = require('./lib/faults')\n",
    'index.d.ts':
      'interface Faults { Old: new () => Error }\nexport const faults: Faults\nexport interface Other { Old: 1 }\n',
    'types/more.d.ts': 'export namespace More { class Old {} }\n',
    'test/a.js': use,
  };
  const { report } = await renamed(files, rename);
  assert.deepEqual(report.unplaced, [
    'test/a.js:2:27 index.d.ts declares it, and may describe the symbol',
    'types/more.d.ts:1:31 this declaration may describe the symbol',
  ]);
});

test('A symbol of TypeScript is not described by other declarations', async () => {
  const files = {
    'a.ts': 'export class Old {}\n',
    'b.d.ts': 'export class Old {}\n',
    'c.ts': "import { Old } from './b';\nOld;\n",
  };
  const { status, changed } = await renamed(files, { ...rename, at: 'a.ts' });
  assert.deepEqual([status, Object.keys(changed)], ['ok', ['a.ts']]);
});
