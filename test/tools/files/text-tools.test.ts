/**
 * Goal: the basic tools read and edit any text file without changing what they were not asked to change.
 * Method: one pair of real hands; prepare, apply, and compare the bytes on disk.
 */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { PermittedHands } from '../../support/permitted.ts';
import { handsAt, place, type TestHands } from '../program/hands-here.ts';

let here: TestHands;
let hands: PermittedHands;
const teardown: (() => unknown)[] = [];

before(async () => {
  const context = { after: (end: () => unknown) => void teardown.push(end) };
  here = place(context, {
    'src/one.ts': 'export const one = 1;\n',
    'src/two.ts': 'export const two = 2; // $one\n',
    'src/deep/three.ts': 'three\n',
    '.gitignore': 'ignored/\n',
    'ignored/file.ts': 'export const one = 1;\n',
    '-rf': 'a file named like an option: one\n',
  });
  hands = await handsAt(context, here.policy);
});

after(async () => {
  for (const end of teardown.reverse()) await end();
});

const file = (path: string, content: string | Buffer) => writeFileSync(join(here.workspace, path), content);
const bytes = (path: string) => readFileSync(join(here.workspace, path));

/** Prepares a call and applies its changes; answers the text. */
async function perform(tool: string, wanted: Record<string, unknown>): Promise<{ text: string; isError: boolean }> {
  const { text, isError = false, changes } = await hands.prepare(tool, wanted);
  if (changes) for (const { outcome, reason } of await hands.apply(changes)) assert.equal(outcome, 'done', reason);
  return { text, isError };
}

async function edited(
  content: string | Buffer,
  old_text: string,
  new_text: string,
  more = {},
): Promise<Buffer | string> {
  file('edited', content);
  const { text, isError } = await perform('edit_file', { path: 'edited', old_text, new_text, ...more });
  return isError ? text : bytes('edited');
}

test('an edit keeps CRLF line ends, and its lines match whatever line ends they were copied with', async () => {
  assert.deepEqual(await edited('a\r\nb\r\nc\r\n', 'a\nb', 'A\nnew\nB'), Buffer.from('A\r\nnew\r\nB\r\nc\r\n'));
  assert.deepEqual(await edited('a\r\nb\r\n', 'b', 'b\nnew'), Buffer.from('a\r\nb\r\nnew\r\n'));
  assert.deepEqual(await edited('a\nb\nc\n', 'a\r\nb', 'A\r\nB'), Buffer.from('A\nB\nc\n'));
  assert.deepEqual(await edited('a\r\nb\nc\n', 'b', 'b1\nb2'), Buffer.from('a\r\nb1\nb2\nc\n'));
});

test('an edit keeps the byte-order mark, the missing final newline and the mode', async () => {
  assert.deepEqual(await edited('\uFEFFone\ntwo', 'two', 'drei'), Buffer.from('\uFEFFone\ndrei'));
  chmodSync(join(here.workspace, 'edited'), 0o755);
  assert.deepEqual(await edited('one', 'one', 'zwei'), Buffer.from('zwei'));
  assert.equal(statSync(join(here.workspace, 'edited')).mode & 0o777, 0o755);
});

test('a file in Latin-1 or Windows-1252 is read, and keeps its encoding when it is edited', async () => {
  const latin1 = Buffer.from('caf\xe9 = \x80 one;\n', 'latin1');
  file('edited', latin1);
  assert.match((await perform('read_file', { path: 'edited' })).text, /^café = € one;\n\[not UTF-8/);
  assert.deepEqual(await edited(latin1, 'one', 'two'), Buffer.from('caf\xe9 = \x80 two;\n', 'latin1'));
  assert.deepEqual(await edited(latin1, 'é = €', 'ö – “'), Buffer.from('caf\xf6 \x96 \x93 one;\n', 'latin1'));
  assert.match(String(await edited(latin1, 'one', '一')), /lacks a character/);
  const mixed = Buffer.concat([Buffer.from('größe '), Buffer.from([0xe9, 0x0a])]);
  assert.deepEqual(await edited(mixed, ' ', ': '), Buffer.concat([Buffer.from('größe: '), Buffer.from([0xe9, 0x0a])]));
  assert.match(String(await edited(mixed, ' ', 'é')), /only plain ASCII/);
});

test('a file in UTF-16 is read, edited and replaced in its encoding, with a mark or without', async () => {
  const text = 'eins é\r\nzwei 😀\r\n';
  const little = (content: string, mark = '\uFEFF') => Buffer.from(mark + content, 'utf16le');
  const big = (content: string, mark = '\uFEFF') => little(content, mark).swap16();
  for (const encode of [little, big])
    for (const mark of ['\uFEFF', '']) {
      file('edited', encode(text, mark));
      assert.match((await perform('read_file', { path: 'edited' })).text, /^eins é\nzwei 😀\n\[UTF-16 [LB]E, kept/);
      assert.deepEqual(await edited(encode(text, mark), 'é\nzwei', 'ö\n—'), encode('eins ö\r\n— 😀\r\n', mark));
      await perform('write_file', { path: 'edited', content: 'neu\n' });
      assert.deepEqual(bytes('edited'), encode('neu\r\n', mark));
    }
});

test('an image is shown, a notebook is read by cells, and other binary files say what they are', async () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  file('dot.png', png);
  const shown = await hands.prepare('read_file', { path: 'dot.png' });
  assert.match(shown.text, /^dot\.png: PNG image, 70 bytes, 1 × 1 pixels$/);
  assert.deepEqual(shown.images, [{ mediaType: 'image/png', data: png.toString('base64') }]);
  file('old.gz', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]));
  assert.match((await perform('read_file', { path: 'old.gz' })).text, /binary file \(gzip data, 8 bytes\)/);
  const cells = [
    { cell_type: 'markdown', source: ['# Title\n', 'text'] },
    {
      ...{ cell_type: 'code', source: 'plot()', execution_count: 2 },
      outputs: [
        { output_type: 'stream', name: 'stdout', text: ['one\n', 'two\n'] },
        { output_type: 'display_data', data: { 'image/png': png.toString('base64'), 'text/plain': '<Figure>' } },
        { output_type: 'error', ename: 'ValueError', evalue: 'bad', traceback: [] },
      ],
    },
  ];
  file('book.ipynb', JSON.stringify({ cells, nbformat: 4, nbformat_minor: 5, metadata: {} }));
  const book = await hands.prepare('read_file', { path: 'book.ipynb' });
  assert.equal(
    book.text,
    '[cell 1: markdown]\n# Title\ntext\n\n[cell 2: code, run 2]\nplot()\n[output]\none\ntwo\n[output]\n(image 1) <Figure>\n' +
      '[output]\nValueError: bad\n[cells of a notebook; edit_file works on the JSON that they stand in]',
  );
  assert.equal(book.images?.length, 1);
});

test('the pages of a PDF are read as text, and those that are asked for', async () => {
  const page = (number: number) => `BT /F1 12 Tf 10 200 Td (Page ${number} says hello) Tj 0 -20 Td (and more) Tj ET`;
  const objects = [
    '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
    '2 0 obj<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>endobj',
    ...[1, 2].flatMap((number) => [
      `${number * 2 + 1} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents ${number * 2 + 2} 0 R/Resources<</Font<</F1 7 0 R>>>>>>endobj`,
      `${number * 2 + 2} 0 obj<</Length ${page(number).length}>>stream\n${page(number)}\nendstream endobj`,
    ]),
    '7 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj',
  ];
  file('two.pdf', `%PDF-1.4\n${objects.join('\n')}\ntrailer<</Root 1 0 R>>\n`);
  const all = (await perform('read_file', { path: 'two.pdf' })).text;
  assert.equal(all, '[page 1 of 2]\nPage 1 says hello\nand more\n[page 2 of 2]\nPage 2 says hello\nand more');
  const second = (await perform('read_file', { path: 'two.pdf', pages: '2-' })).text;
  assert.equal(second, '[page 2 of 2]\nPage 2 says hello\nand more');
  assert.match((await perform('read_file', { path: 'two.pdf', pages: '3' })).text, /has pages 1 to 2, not 3/);
  file('broken.pdf', '%PDF-1.4\nnothing');
  const broken = await perform('read_file', { path: 'broken.pdf' });
  assert.match(broken.text, /broken\.pdf is a PDF \(16 bytes\) that cannot be read/);
});

test('a folder that may not be read costs no other file, and is named', async () => {
  mkdirSync(join(here.workspace, 'locked/within'), { recursive: true });
  chmodSync(join(here.workspace, 'locked'), 0);
  try {
    assert.equal(
      (await perform('search', { pattern: 'const two' })).text,
      'src/two.ts:1:export const two = 2; // $one\n[not readable, left out: locked]',
    );
    const listed = await perform('list_files', {});
    assert.deepEqual([listed.isError, /src\/one\.ts.*left out: locked\]$/s.test(listed.text)], [false, true]);
    assert.match((await perform('search', { pattern: '(' })).text, /The search failed: .*unclosed group/s);
  } finally {
    chmodSync(join(here.workspace, 'locked'), 0o755);
  }
});

test('several edits at once are made one after the other, or none of them', async () => {
  const several = async (content: string, edits: unknown[]) => {
    file('edited', content);
    const { text, isError } = await perform('edit_file', { path: 'edited', edits });
    return { text, isError, now: bytes('edited').toString() };
  };
  const made = await several('one two one\n', [
    { old_text: 'one', new_text: '1', replace_all: true },
    { old_text: '1 two', new_text: '2' },
    { old_text: '\n', new_text: '\nend\n' },
  ]);
  assert.equal(made.now, '2 1\nend\n', made.text);
  const failed = await several('one\ntwo  \n', [
    { old_text: 'one', new_text: '1' },
    { old_text: 'two\n', new_text: '2\n' },
  ]);
  assert.deepEqual([failed.isError, failed.now], [true, 'one\ntwo  \n']);
  assert.match(
    failed.text,
    /^Nothing was changed: edit 2 of 2 .*Line 2 is like it; copied exactly:\ntwo {2}\n Only spaces at the ends/,
  );
});

test('an empty old text makes a file, and never replaces one; a line is put behind another', async () => {
  assert.match((await perform('edit_file', { path: 'made/new.txt', old_text: '', new_text: 'x\n' })).text, /Created/);
  assert.equal(bytes('made/new.txt').toString(), 'x\n');
  assert.match((await perform('edit_file', { path: 'made/new.txt', old_text: '', new_text: 'y' })).text, /not empty/);
  await perform('edit_file', { path: 'made/new.txt', insert_line: 1, new_text: 'y' });
  await perform('edit_file', { path: 'made/new.txt', insert_line: 0, new_text: 'w' });
  assert.equal(bytes('made/new.txt').toString(), 'w\nx\ny');
  const wrong = await perform('edit_file', { path: 'made/new.txt', insert_line: 9, new_text: 'y' });
  assert.match(wrong.text, /has 3 lines/);
});

test('a file is found under its name in the other normal form of Unicode, and written under its own', async () => {
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'];
  writeFileSync(join(here.workspace, `${decomposed}.txt`), 'un\n');
  assert.equal((await perform('read_file', { path: `${composed}.txt` })).text, 'un');
  await perform('edit_file', { path: `${composed}.txt`, old_text: 'un', new_text: 'deux' });
  assert.equal(bytes(`${decomposed}.txt`).toString(), 'deux\n');
  assert.equal(existsSync(join(here.workspace, `${composed}.txt`)), false);
  assert.match((await perform('search', { pattern: 'deux', path: `${composed}.txt` })).text, /:1:deux$/);
});

test('text with signs of regular expressions, and beyond ASCII, is found as it is', async () => {
  assert.deepEqual(
    await edited('f(a?.b[0]) + $x^2 - {y|z}\\n/*-*/', 'f(a?.b[0]) + $x^2 - {y|z}\\n/*-*/', '$& $1'),
    Buffer.from('$& $1'),
  );
  assert.deepEqual(await edited('größe 😀 Maß', '😀 Maß', 'ok'), Buffer.from('größe ok'));
});

test('a text that is not there once says so, and how to go on', async () => {
  assert.match(String(await edited('a a', 'a', 'b')), /2 times.*replace_all/);
  assert.deepEqual(await edited('a a', 'a', 'b', { replace_all: true }), Buffer.from('b b'));
  assert.match(String(await edited('  if (x) {\n', 'if (y) {', 'z')), /not in edited.*Read the file again/);
  assert.match(
    String(await edited('first\n\tif (x) {\n', '  if (x) {', 'z')),
    /Line 2 is like it; copied exactly:\n\tif/,
  );
  assert.match(String(await edited('same', 'same', 'same')), /already reads so/);
});

test('binary files, big files, folders, missing files and links out are refused with a clear text', async () => {
  file('binary', Buffer.from([1, 0, 2]));
  file('big', Buffer.alloc(here.policy.limits.fileBytesMax + 1, 'x'));
  symlinkSync(here.outside, join(here.workspace, 'out'));
  const refusals: [string, RegExp][] = [
    ['binary', /binary file \(of unknown kind, 3 bytes\)/],
    ['big', /more than the limit of 1000000/],
    ['src', /is a folder/],
    ['src/on.ts', /does not exist\. In its folder: one\.ts/],
    ['../outside/x', /outside the workspace/],
    ['out/x', /leads out of the workspace/],
  ];
  for (const [path, reason] of refusals) {
    assert.match((await perform('read_file', { path })).text, reason);
    const result = await perform('edit_file', { path, old_text: 'x', new_text: 'y' });
    assert.deepEqual(
      { isError: result.isError, matches: reason.test(result.text) },
      { isError: true, matches: true },
      result.text,
    );
  }
});

test('a file is read by lines, and told where to go on', async () => {
  file('lines', Array.from({ length: 10 }, (_, index) => `line ${index + 1}\r\n`).join(''));
  assert.equal(
    (await perform('read_file', { path: 'lines', offset: 3, limit: 2 })).text,
    'line 3\nline 4\n[lines 3–4 of 10; go on with offset 5]',
  );
  assert.equal((await perform('read_file', { path: 'lines', offset: 10 })).text, 'line 10');
  assert.match((await perform('read_file', { path: 'lines', offset: 11 })).text, /has 10 lines/);
  file('wide', `${'x'.repeat(15_000)}\n${'y'.repeat(15_000)}\n`);
  assert.match(
    (await perform('read_file', { path: 'wide' })).text,
    /^x{15000}\n\[lines 1–1 of 2; go on with offset 2\]$/,
  );
  file('empty', '');
  assert.equal((await perform('read_file', { path: 'empty' })).text, '[empty is empty]');
});

test('write_file creates with folders, replaces with line ends and mark kept, and does nothing twice', async () => {
  assert.match(
    (await perform('write_file', { path: 'a/b/c.sh', content: '#!\n', executable: true })).text,
    /Created a\/b\/c\.sh/,
  );
  assert.equal(statSync(join(here.workspace, 'a/b/c.sh')).mode & 0o777, 0o755);
  file('kept', '\uFEFFa\r\nb\r\n');
  assert.match(
    (await perform('write_file', { path: 'kept', content: 'c\nd\n' })).text,
    /byte-order mark and CRLF line ends kept/,
  );
  assert.deepEqual(bytes('kept'), Buffer.from('\uFEFFc\r\nd\r\n'));
  assert.match((await perform('write_file', { path: 'kept', content: 'c\nd\n' })).text, /has this content already/);
});

test('nothing is written by preparing alone', async () => {
  const prepared = await hands.prepare('write_file', { path: 'not-yet', content: 'x' });
  assert.equal(prepared.changes?.length, 1);
  assert.equal(existsSync(join(here.workspace, 'not-yet')), false);
});

test('files are listed sorted, without ignored ones, and cut with a note', async () => {
  assert.equal((await perform('list_files', { path: 'src' })).text, 'src/deep/three.ts\nsrc/one.ts\nsrc/two.ts');
  assert.equal(
    (await perform('list_files', { path: 'src', glob: '**/t*.ts', limit: 1 })).text,
    'src/deep/three.ts\n[the first 1; there are more: narrow with path or glob]',
  );
  assert.match((await perform('list_files', { glob: '*.none' })).text, /No files match/);
  assert.match((await perform('list_files', { path: 'nowhere' })).text, /does not exist/);
});

test('search answers path, line and text; patterns that look like options are patterns', async () => {
  assert.equal(
    (await perform('search', { pattern: 'one', path: 'src' })).text,
    'src/one.ts:1:export const one = 1;\nsrc/two.ts:1:export const two = 2; // $one',
  );
  assert.equal(
    (await perform('search', { pattern: '$one', literal: true, path: 'src' })).text,
    'src/two.ts:1:export const two = 2; // $one',
  );
  assert.equal(
    (await perform('search', { pattern: 'ONE', ignore_case: true, glob: 'one.*' })).text,
    'src/one.ts:1:export const one = 1;',
  );
  assert.match((await perform('search', { pattern: '--files', literal: true })).text, /No match/);
  assert.equal(
    (await perform('search', { pattern: 'option', path: '-rf' })).text,
    '-rf:1:a file named like an option: one',
  );
  assert.match((await perform('search', { pattern: 'a(' })).text, /The search failed: .*\n(.*\n)*Set `literal`/);
  assert.match(
    (await perform('search', { pattern: 'e', path: 'src', limit: 1 })).text,
    /^src\/deep\/three.ts:1:three\n\[the first 1 lines/,
  );
});

test('unknown tools and arguments that do not fit are errors for the model, not for the hands', async () => {
  const unknown = await hands.prepare('constructor', {});
  assert.deepEqual(unknown, { text: 'there is no tool named constructor', isError: true });
  assert.equal((await hands.prepare('read_file', { path: 7 })).isError, true);
  assert.equal((await perform('read_file', { path: 'src/one.ts' })).text, 'export const one = 1;');
});
