// Goal: every name of the agent's folder comes to one form before anything judges it, and what only looks like one does not.
import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownArguments, ownCall, ownLine, ownPath } from '../../../orchestrator/tool-calls/own-paths.ts';
import { temporaryFolder } from '../../support/repository.ts';

const base = realpathSync(temporaryFolder('own-paths'));
for (const name of ['tree/src', 'checkout/src', 'checkout2', 'elsewhere'])
  mkdirSync(join(base, name), { recursive: true });
symlinkSync(join(base, 'checkout'), join(base, 'way'));
symlinkSync(join(base, 'elsewhere'), join(base, 'tree', 'out'));
const own = { top: join(base, 'tree'), checkout: join(base, 'checkout'), home: base };

const paths: [string, string][] = [
  ['src/a.ts', 'src/a.ts'],
  ['./src/../a.ts', 'a.ts'],
  ['', '.'],
  [`${base}/tree/src/a.ts`, 'src/a.ts'],
  [`${base}/tree`, '.'],
  [`${base}/tree/`, '.'],
  [`${base}/tree/src/`, 'src/'],
  [`${base}/checkout/src/a.ts:3:4`, 'src/a.ts:3:4'],
  [`${base}/way/src/a.ts`, 'src/a.ts'],
  [`${base}//tree/./src/a.ts`, 'src/a.ts'],
  ['~/checkout/src/a.ts', 'src/a.ts'],
  [`${base}/tree/**/*.ts`, '**/*.ts'],
  ['../x', '../x'],
  [`${base}/tree/../x`, `${base}/tree/../x`],
  [`${base}/checkout2/a.ts`, `${base}/checkout2/a.ts`],
  [`${base}/elsewhere/../tree/a.ts`, `${base}/elsewhere/../tree/a.ts`],
  ['~/other', `${base}/other`],
  ['/etc/hosts', '/etc/hosts'],
];
for (const [given, expected] of paths)
  test(`${given.replace(base, '…')} is ${expected.replace(base, '…')}`, () => {
    assert.equal(ownPath(given, own), expected);
  });

const lines: [string, string][] = [
  ['cd /c && ls', 'cd /t && ls'],
  ['cat "/c/src/a b.ts"', 'cat "/t/src/a b.ts"'],
  ['grep x --include=/c/src/*.ts', 'grep x --include=/t/src/*.ts'],
  ['cp /c/a /c/b; cat /c2/a', 'cp /t/a /t/b; cat /c2/a'],
  ['PATH=/usr/bin:/c/bin make', 'PATH=/usr/bin:/t/bin make'],
  ['cat > a.txt <<E\ncd /c && ls\nE\ncat /c/a', 'cat > a.txt <<E\ncd /c && ls\nE\ncat /t/a'],
  ['ls src/c', 'ls src/c'],
  ['cat ~/checkout/a', 'cat /t/a'],
  ['cat ~/go/pkg/mod/x/y.go ~/notes', `cat ${base}/go/pkg/mod/x/y.go ~/notes`],
  ['echo https://example.org/c/x', 'echo https://example.org/c/x'],
];
const filled = (line: string) =>
  line
    .replaceAll(/(?<![\w.])\/c(?=[/ ;&"\n]|$)/g, own.checkout)
    .replaceAll('/c2', `${own.checkout}2`)
    .replaceAll(/(?<![\w.])\/t(?=[/ ;&"\n]|$)/g, own.top);
for (const [given, expected] of lines)
  test(`the line ${given.replaceAll('\n', '⏎')}`, () => {
    assert.equal(ownLine(filled(given), own), filled(expected));
  });

test('only arguments that are paths are changed, however deep they stand', () => {
  const given = { path: `${own.top}/a`, content: `${own.top}/a`, edits: [{ path: `${own.top}/b`, text: 'x' }], n: 3 };
  const expected = { path: 'a', content: `${own.top}/a`, edits: [{ path: 'b', text: 'x' }], n: 3 };
  assert.deepEqual(ownArguments(given, own), expected);
});

test('the agent is told when the checkout stands for its work tree, and only then', () => {
  assert.match(ownCall({ path: `${own.checkout}/a` }, own).note, /here it means your work tree/);
  for (const path of ['a', `${own.top}/a`, `${own.checkout}2/a`]) assert.equal(ownCall({ path }, own).note, '');
  const folder = { ...own, top: own.checkout };
  assert.equal(ownCall({ path: `${own.checkout}/a` }, folder).note, '');
});
