/**
 * Goal: applying recorded changes is safe to repeat, and never overwrites what somebody else did.
 * Method: real hands, real files; crashes are played by putting the files into the state that a crash leaves.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { FileChange } from '../../../ipc/changes.ts';
import { resolveInside } from '../../../tools/files/workspace-path.ts';
import { applyChanges } from '../../../tools/program/apply.run.ts';
import { handsAt, place } from './hands-here.ts';

const hash = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

const edit = (path: string, before: string, after: string): FileChange => ({
  ...{ kind: 'edit', path, before: hash(before), after: hash(after) },
  edits: [{ start: 0, end: Buffer.byteLength(before), text: after }],
});
const create = (path: string, content: string, executable = false): FileChange => ({
  ...{ kind: 'create', path, after: hash(content), content, executable },
});
const remove = (path: string, before: string): FileChange => ({ kind: 'delete', path, before: hash(before) });
const move = (from: string, path: string, before: string, after: string): FileChange => ({
  ...{ kind: 'move', from, path, before: hash(before), after: hash(after) },
  edits: [{ start: 0, end: Buffer.byteLength(before), text: after }],
});

function workspaceWith(context: TestContext, files: Record<string, string>) {
  const { workspace, outside } = place(context, files);
  const read = (path: string) =>
    existsSync(join(workspace, path)) ? readFileSync(join(workspace, path), 'utf8') : undefined;
  const apply = (...changes: FileChange[]) => applyChanges(changes, workspace).map(({ outcome }) => outcome);
  const reasons = (...changes: FileChange[]) => applyChanges(changes, workspace).map(({ reason }) => reason);
  return { workspace, outside, read, apply, reasons };
}

test('through the hands, all kinds of changes are done once and then found done', async (context) => {
  const here = place(context, { 'edited.txt': 'one\n', 'gone.txt': 'bye\n', 'old/name.txt': 'name\n' });
  const hands = await handsAt(context, here.policy);
  const changes = [
    edit('edited.txt', 'one\n', 'two\n'),
    create('deep/new/file.sh', '#!/bin/sh\n', true),
    remove('gone.txt', 'bye\n'),
    move('old/name.txt', 'new/name.txt', 'name\n', 'new name\n'),
  ];
  const paths = ['edited.txt', 'deep/new/file.sh', 'gone.txt', 'new/name.txt'];
  assert.deepEqual(
    await hands.apply(changes),
    paths.map((path) => ({ path, outcome: 'done' })),
  );
  assert.deepEqual(
    await hands.apply(changes),
    paths.map((path) => ({ path, outcome: 'already' })),
  );
  const files = readdirSync(here.workspace, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(files.map((entry) => entry.name).sort(), ['edited.txt', 'file.sh', 'name.txt']);
  assert.equal(statSync(join(here.workspace, 'deep/new/file.sh')).mode & 0o777, 0o755);
  assert.equal(readFileSync(join(here.workspace, 'new/name.txt'), 'utf8'), 'new name\n');
});

test('one conflict keeps all other changes of the call from being written', (context) => {
  const { apply, read } = workspaceWith(context, { 'a.txt': 'a\n', 'b.txt': 'changed by somebody\n' });
  const changes = [edit('a.txt', 'a\n', 'A\n'), edit('b.txt', 'b\n', 'B\n'), create('c.txt', 'c\n')];
  assert.deepEqual(apply(...changes), ['conflict', 'conflict', 'conflict']);
  assert.deepEqual([read('a.txt'), read('b.txt'), read('c.txt')], ['a\n', 'changed by somebody\n', undefined]);
});

test('after a crash in the middle the rest is done, even if one file was changed meanwhile', (context) => {
  const { apply, read } = workspaceWith(context, { 'a.txt': 'A\n', 'b.txt': 'b\n', 'c.txt': 'changed by somebody\n' });
  const changes = [edit('a.txt', 'a\n', 'A\n'), edit('b.txt', 'b\n', 'B\n'), edit('c.txt', 'c\n', 'C\n')];
  assert.deepEqual(apply(...changes), ['already', 'done', 'conflict']);
  assert.deepEqual([read('a.txt'), read('b.txt'), read('c.txt')], ['A\n', 'B\n', 'changed by somebody\n']);
});

test('a move that was cut between writing the new and removing the old file is finished', (context) => {
  const { apply, read } = workspaceWith(context, { 'from.txt': 'old\n', 'to.txt': 'new\n' });
  assert.deepEqual(apply(move('from.txt', 'to.txt', 'old\n', 'new\n')), ['done']);
  assert.deepEqual([read('from.txt'), read('to.txt')], [undefined, 'new\n']);
});

test('a half-done move is finished even beside a change that has become impossible', (context) => {
  const { apply, read } = workspaceWith(context, { 'from.txt': 'old\n', 'to.txt': 'new\n', 'a.txt': 'changed\n' });
  assert.deepEqual(apply(move('from.txt', 'to.txt', 'old\n', 'new\n'), edit('a.txt', 'a\n', 'A\n')), [
    'done',
    'conflict',
  ]);
  assert.equal(read('from.txt'), undefined);
});

test('a move never replaces another file, and a missing or changed source is a conflict', (context) => {
  const { apply, read } = workspaceWith(context, { 'from.txt': 'old\n', 'to.txt': 'another\n', 'changed.txt': 'x\n' });
  assert.deepEqual(apply(move('from.txt', 'to.txt', 'old\n', 'new\n')), ['conflict']);
  assert.deepEqual(apply(move('missing.txt', 'other.txt', 'old\n', 'new\n')), ['conflict']);
  assert.deepEqual(apply(move('changed.txt', 'other.txt', 'old\n', 'new\n')), ['conflict']);
  assert.deepEqual([read('from.txt'), read('to.txt'), read('other.txt')], ['old\n', 'another\n', undefined]);
});

test('a part file left by a crash is replaced and does not stay', (context) => {
  const { workspace, apply } = workspaceWith(context, { 'a.txt': 'a\n' });
  const part = `.vtcode-${hash(join(workspace, 'a.txt')).slice(0, 16)}.part`;
  writeFileSync(join(workspace, part), 'half');
  assert.deepEqual(apply(edit('a.txt', 'a\n', 'A\n')), ['done']);
  assert.deepEqual(readdirSync(workspace), ['a.txt']);
});

test('an existing file is not overwritten by a create, a missing one not edited', (context) => {
  const { reasons } = workspaceWith(context, { 'a.txt': 'a\n' });
  assert.deepEqual(reasons(create('a.txt', 'b\n')), ['another file is there already']);
  assert.deepEqual(reasons(edit('b.txt', 'b\n', 'B\n')), ['it does not exist any more']);
  assert.deepEqual(reasons(remove('a.txt', 'other\n')), ['it was changed since it was read']);
});

test('edits that do not give the announced content, or do not fit, are refused', (context) => {
  const { apply, read } = workspaceWith(context, { 'a.txt': 'a\n' });
  const wrong = { ...edit('a.txt', 'a\n', 'A\n'), edits: [{ start: 0, end: 1, text: 'B' }] } as FileChange;
  const overlapping = {
    ...wrong,
    edits: [
      { start: 0, end: 2, text: '' },
      { start: 1, end: 2, text: '' },
    ],
  } as FileChange;
  assert.deepEqual([apply(wrong), apply(overlapping)], [['conflict'], ['conflict']]);
  assert.equal(read('a.txt'), 'a\n');
});

test('symbolic links, paths out of the workspace and git’s own files are refused', (context) => {
  const { workspace, outside, apply, reasons } = workspaceWith(context, { 'a.txt': 'a\n' });
  writeFileSync(join(outside, 'f'), 'f\n');
  symlinkSync(outside, join(workspace, 'out'));
  symlinkSync('a.txt', join(workspace, 'link'));
  assert.deepEqual(reasons(edit('link', 'a\n', 'A\n')), ['it is a symbolic link']);
  const others = [
    'out/f',
    '../outside/f',
    '/etc/passwd',
    'a/../../outside/f',
    '.git/hooks/x',
    'sub/.git/config',
    './a.txt',
    '',
  ];
  for (const path of others) assert.deepEqual(apply(create(path, 'x')), ['conflict'], path);
  assert.deepEqual(readdirSync(outside), ['f']);
});

test('two changes of one path in one call are refused', (context) => {
  const { apply } = workspaceWith(context, { 'a.txt': 'a\n' });
  assert.deepEqual(apply(edit('a.txt', 'a\n', 'A\n'), remove('a.txt', 'a\n')), ['conflict', 'conflict']);
});

test('mode is kept, and a hard link elsewhere keeps the old content', (context) => {
  const { workspace, outside, apply } = workspaceWith(context, { 'tool.sh': 'a\n' });
  chmodSync(join(workspace, 'tool.sh'), 0o770);
  linkSync(join(workspace, 'tool.sh'), join(outside, 'store'));
  assert.deepEqual(apply(edit('tool.sh', 'a\n', 'A\n')), ['done']);
  assert.equal(statSync(join(workspace, 'tool.sh')).mode & 0o777, 0o770);
  assert.equal(readFileSync(join(outside, 'store'), 'utf8'), 'a\n');
});

test('a link inside the work tree leads no change to a place that its words do not name', (context) => {
  const files = { '.github/workflows/old.yml': 'old\n', '.git/hooks/keep': '', 'docs/a.md': 'a\n' };
  const { workspace, apply, reasons, read } = workspaceWith(context, files);
  symlinkSync('../.github/workflows', join(workspace, 'docs/w'));
  symlinkSync('../.git/hooks', join(workspace, 'docs/x'));
  symlinkSync('../missing', join(workspace, 'docs/m'));
  for (const change of [
    create('docs/w/ci.yml', 'evil\n'),
    create('docs/x/post-checkout', 'evil\n', true),
    create('docs/m/new', 'evil\n'),
    edit('docs/w/old.yml', 'old\n', 'evil\n'),
    remove('docs/w/old.yml', 'old\n'),
    move('docs/a.md', 'docs/x/post-merge', 'a\n', 'evil\n'),
    move('docs/w/old.yml', 'docs/b.md', 'old\n', 'evil\n'),
  ])
    assert.deepEqual(apply(change), ['conflict'], JSON.stringify(change));
  const [reason] = reasons(create('docs/w/ci.yml', 'evil\n'));
  assert.match(reason ?? '', /symbolic link; name the real path: \.github\/workflows\/ci\.yml/);
  assert.deepEqual(readdirSync(join(workspace, '.git/hooks')), ['keep']);
  assert.deepEqual(readdirSync(join(workspace, '.github/workflows')), ['old.yml']);
  assert.equal(read('missing'), undefined);
});

test('a link inside the work tree is not read through, but where it leads from one package folder to its store', (context) => {
  const stored = 'node_modules/.pnpm/lib@1/node_modules/lib/index.js';
  const { workspace, outside } = place(context, {
    'config/prod.yml': 'key\n',
    [stored]: '',
    'node_modules/a/b.js': '',
  });
  const at = (path: string) => join(workspace, path);
  symlinkSync('config', at('c'));
  symlinkSync('config/prod.yml', at('note.md'));
  symlinkSync('.pnpm/lib@1/node_modules/lib', at('node_modules/lib'));
  symlinkSync('../config', at('node_modules/evil'));
  symlinkSync(outside, at('installed'));
  for (const path of ['c', 'c/prod.yml', 'c/new', 'note.md', 'node_modules/evil/prod.yml', at('c/prod.yml')])
    assert.throws(() => resolveInside(path, workspace, [workspace]), /symbolic link/, path);
  for (const path of ['config/prod.yml', 'c/../config/new', 'node_modules/lib/index.js', 'installed/x', stored])
    assert.equal(resolveInside(path, workspace, [outside]), at(path), path);
  assert.throws(() => resolveInside('installed/x', workspace, []), /leads out/);
});
