import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renamed } from './renamed.ts';

/**
 * Goal: a member that a person declared in a `.d.ts` is not renamed there alone: the JavaScript behind it is named, and
 * follows on request. Method: see renamed.ts.
 */
const types = 'export interface Logger { bind(): void; level: string }\nexport function make(): Logger\n';
const files = {
  'package.json': '{"name":"log","version":"1.0.0","main":"log.js","types":"log.d.ts"}',
  'log.d.ts': types,
  'log.js':
    "'use strict'\nconst proto = require('./lib/proto')\nmodule.exports = { make: () => Object.create(proto) }\n",
  'lib/proto.js':
    "'use strict'\nmodule.exports = { bind, close () {}, level: 'info' }\nfunction bind () { return this.again() }\n",
  'test/use.js': "const { make } = require('..')\nmake().bind()\n",
  'test/mock.js': 'const other = { bind () {} }\nother.bind()\n',
  'test/types.ts': "import { make } from '../log'\nmake().bind()\n",
};
const goal = { symbol: 'Logger.bind', to: 'tie' };

test('A method of hand-written declarations stops at the script that implements it', async () => {
  const { status, report } = await renamed(files, goal);
  assert.equal(status, 'unplaced');
  assert.deepEqual(report.unplaced, ['lib/proto.js:2:20 a declaration by hand may describe this member']);
});

test('Taken on request, the implementing member keeps its function, and all runs', async () => {
  const { status, changed } = await renamed(files, { ...goal, take_unplaced: true });
  assert.equal(status, 'ok');
  assert.match(changed['lib/proto.js'] ?? '', /\{ tie: bind, close .*\nfunction bind /);
  assert.equal(changed['test/use.js'], "const { make } = require('..')\nmake().tie()\n");
  assert.equal(changed['test/mock.js'], undefined);
});

for (const [title, script, place] of [
  ['a class', 'class One { bind () {} }\nmodule.exports = One\n', 'lib/proto.js:1:13'],
  ['an assignment', 'const one = module.exports = {}\none.bind = function () {}\n', 'lib/proto.js:2:5'],
  [
    'a prototype',
    'function One () {}\nOne.prototype.bind = function () {}\nmodule.exports = One\n',
    'lib/proto.js:2:15',
  ],
] as const)
  test(`The script may implement it by ${title}`, async () => {
    const { status, report } = await renamed({ ...files, 'lib/proto.js': script }, goal);
    assert.equal(status, 'unplaced');
    assert.match(report.unplaced.join('\n'), new RegExp(`^${place} `));
  });

test('A value that is no function implements no method, and a script of another package none at all', async () => {
  const plain = { ...files, 'lib/proto.js': "module.exports = { bind: 'no', level: 1 }\n" };
  assert.equal((await renamed(plain, goal)).status, 'ok');
  const other = {
    ...files,
    'lib/proto.js': 'module.exports = {}\n',
    'tools/a.js': 'module.exports = { bind () {} }\n',
  };
  assert.equal((await renamed(other, goal)).status, 'ok');
});

test('A property of hand-written declarations stops at a script that gives it a value', async () => {
  const { status, report } = await renamed(files, { symbol: 'Logger.level', to: 'depth' });
  assert.deepEqual([status, report.unplaced.length], ['unplaced', 1]);
});
