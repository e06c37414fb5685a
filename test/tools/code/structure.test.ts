/**
 * Goal: structural search and rewrite change exactly what the pattern means, byte for byte, and say what they left.
 * Method: real files in temporary folders, the real grammars and ripgrep; changes are applied to bytes and compared.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { mechanicalReport } from '../../../ipc/mechanical.ts';
import { prepare as search } from '../../../tools/code/search-structure.run.ts';
import { grammars } from '../../../tools/code/structure-languages.ts';
import { longestWord, metavariables, patternProblem, templateProblem } from '../../../tools/code/structure-template.ts';
import { type RewriteStructureArguments, rewriteStructure } from '../../../tools/contracts/rewrite-structure.ts';
import type { ToolContext } from '../../../tools/contracts/tool.ts';
import { applyByteEdits, sha256Of } from '../../../tools/files/bytes.ts';
import { prepare as rewrite } from '../../../tools/refactor/rewrite-structure.run.ts';

const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

function workspaceOf(files: Record<string, string | Buffer>): ToolContext {
  const workspace = mkdtempSync(join(tmpdir(), 'vtcode-structure-'));
  made.push(workspace);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  }
  return {
    workspace,
    resolve: (path) => join(workspace, path),
    limits: { outputBytesMax: 100_000, fileBytesMax: 100_000 },
    hidden: [],
    unsearched: [],
    languageServers: {},
    signal: new AbortController().signal,
    onStop: () => {},
  };
}

/** The files after the rewrite, as bytes in latin1 so that every byte is compared, with the report and the sites. */
async function rewritten(
  files: Record<string, string | Buffer>,
  wanted: { pattern: string; rewrite: string } & Partial<RewriteStructureArguments>,
) {
  const context = workspaceOf(files);
  const prepared = await rewrite(rewriteStructure.arguments.parse(wanted), context);
  const result: Record<string, string> = {};
  for (const change of prepared.changes ?? []) {
    assert.equal(change.kind, 'edit');
    if (change.kind !== 'edit') continue;
    const bytes = readFileSync(join(context.workspace, change.path));
    const next = applyByteEdits(bytes, change.edits);
    assert.deepEqual([change.before, change.after], [sha256Of(bytes), sha256Of(next)]);
    result[change.path] = next.toString('utf8');
  }
  const report = mechanicalReport.parse(JSON.parse(prepared.text));
  return {
    files: result,
    report,
    data: prepared.data as { sites: { path: string; reason?: string }[]; code?: string },
  };
}

/** One TypeScript file, before and after. */
async function one(source: string, pattern: string, template: string): Promise<string | undefined> {
  return (await rewritten({ 'a.ts': source }, { pattern, rewrite: template })).files['a.ts'];
}

test('a match is rewritten whatever its layout; strings, comments and other calls stay', async () => {
  const source =
    "console\n  .log( 'x' ); // console.log(y)\nconst s = 'console.log(z)'; my.console.log(1); console.log(a, b);\n";
  const wanted =
    "logger\n  .info( 'x' ); // console.log(y)\nconst s = 'console.log(z)'; my.console.log(1); console.log(a, b);\n";
  assert.equal(await one(source, 'console.log($A)', 'logger.info($A)'), wanted);
});

test('a list of nodes keeps its text, and an empty one takes its comma along', async () => {
  const source = 'foo();\nfoo(1);\nfoo(1, /* two */ 2,  3);\n';
  const wanted = 'bar(ctx);\nbar(ctx, 1);\nbar(ctx, 1, /* two */ 2,  3);\n';
  assert.equal(await one(source, 'foo($$$ARGS)', 'bar(ctx, $$$ARGS)'), wanted);
  assert.equal(await one('foo();\n', 'foo($$$ARGS)', 'bar($$$ARGS, ctx)'), 'bar(ctx);\n');
});

test('a call of a package is a call in Go, with one argument or a list of them', async () => {
  const source = (name: string) =>
    `package a\n\nfunc run() {\n\tkit.${name}(1)\n\tkit.${name}(a, kit.${name}(2))\n\tkit.Other(1)\n}\n`;
  const goal = (list: string) => ({ pattern: `kit.Old(${list})`, rewrite: `kit.New(${list})`, language: 'go' });
  const all = await rewritten({ 'a.go': source('Old') }, goal('$$$A'));
  assert.equal(all.files['a.go'], source('New'));
  const one = await rewritten({ 'a.go': 'package a\n\nfunc f() {\n\tkit.Old(1)\n}\n' }, goal('$A'));
  assert.equal(one.files['a.go'], 'package a\n\nfunc f() {\n\tkit.New(1)\n}\n');
});

test('matches inside matches are rewritten too, from the outside in', async () => {
  assert.equal(await one('f(f(1), f(f(x)), g(f(y)));', 'f($$$A)', 'h($$$A)'), 'h(h(1), h(h(x)), g(h(y)));');
  assert.equal(await one('p.then(a).then(b);', '$P.then($A)', 'after($P, $A)'), 'after(after(p, a), b);');
});

test('arguments change places, once', async () => {
  assert.equal(await one('eq(a, eq(b, c));', 'eq($A, $B)', 'eq($B, $A)'), 'eq(eq(c, b), a);');
});

test('what the replacement brings in is not rewritten again, nor on a second run', async () => {
  const first = await one('foo(1);', 'foo($A)', 'foo(wrap($A))');
  assert.equal(first, 'foo(wrap(1));');
  const second = await rewritten({ 'a.ts': first ?? '' }, { pattern: 'foo($A)', rewrite: 'foo(wrap($A))' });
  assert.deepEqual([second.report.status, second.files, second.data.code], ['nothing', {}, 'nothing_to_do']);
});

test('bytes outside the matches stay: mark, line ends, other alphabets, no final newline', async () => {
  const source = Buffer.from('\uFEFF// é😀 日本\r\nold(1);\tlet s = "ü"; old(s)\r\n\n// end');
  const { files } = await rewritten({ 'ä/b.ts': source }, { pattern: 'old($A)', rewrite: 'neu($A)' });
  assert.deepEqual(files, { 'ä/b.ts': '\uFEFF// é😀 日本\r\nneu(1);\tlet s = "ü"; neu(s)\r\n\n// end' });
});

test('a template of several lines takes the indent and the line ends of its place', async () => {
  const wanted = 'if (x) {\r\n  begin();\r\n  old(1);\r\n}\r\n';
  assert.equal(await one('if (x) {\r\n  old(1);\r\n}\r\n', 'old($A);', 'begin();\nold($A);'), wanted);
  assert.equal(await one(wanted, 'old($A);', 'begin();\nold($A);'), undefined);
});

test('a rewrite that changes nothing is no change', async () => {
  const { report, data } = await rewritten({ 'a.ts': 'foo(1);' }, { pattern: 'foo($A)', rewrite: 'foo($A)' });
  assert.deepEqual([report.status, data.sites], ['nothing', []]);
});

test('an empty replacement removes', async () => {
  assert.equal(await one('a();\ndebugger;\nb();\n', 'debugger;', ''), 'a();\n\nb();\n');
});

test('a file that would no longer parse is left and named, the others are rewritten', async () => {
  const files = { 'bad.ts': 'use(old(1));\n', 'good.ts': 'old(1);\n' };
  const result = await rewritten(files, { pattern: 'old($A)', rewrite: 'return $A' });
  assert.deepEqual(result.files, { 'good.ts': 'return 1;\n' });
  assert.equal(result.report.status, 'unplaced');
  assert.deepEqual(result.report.unplaced, ['bad.ts:1:5 the file would no longer parse']);
  const only = await rewritten({ 'bad.ts': files['bad.ts'] }, { pattern: 'old($A)', rewrite: 'return $A' });
  assert.deepEqual([only.report.status, only.files], ['refused', {}]);
});

test('the report counts, the sites say where, and a dry run changes nothing', async () => {
  const files = { 'src/a.ts': 'f(1);\n  f(f(2));\n', 'src/b.jsx': '<a x={f(1)} />;\n', 'c.md': 'f(1)' };
  const {
    report,
    data,
    files: changed,
  } = await rewritten(files, { pattern: 'f($A)', rewrite: 'g($A)', dry_run: true });
  assert.deepEqual(changed, {});
  assert.deepEqual(report, {
    status: 'ok',
    message: 'f($A) → g($A): 4 places in 2 files.',
    counts: { target: 4, otherSymbol: 0, text: 0, unplaced: 0 },
    files: [
      ['src/a.ts', 3],
      ['src/b.jsx', 1],
    ],
    unplaced: [],
    candidates: [],
  });
  const at = (path: string, line: number, column: number) => ({
    path,
    line,
    column,
    placement: 'target',
    status: 'todo',
  });
  assert.deepEqual(data.sites, [
    at('src/a.ts', 1, 1),
    at('src/a.ts', 2, 3),
    at('src/a.ts', 2, 5),
    at('src/b.jsx', 1, 7),
  ]);
});

test('language and paths narrow; ignored files and node_modules are never touched', async () => {
  const files = {
    '.gitignore': 'gen.ts\ndist/\n',
    'gen.ts': 'f(1)',
    'dist/d.ts': 'f(1)',
    'node_modules/m/index.js': 'f(1)',
    'a.ts': 'f(1)',
    'src/b.tsx': 'f(1)',
    'src/c.js': 'f(1)',
    'src/[id]/d.mts': 'f(1)',
  };
  const touched = async (more: Partial<RewriteStructureArguments>) =>
    Object.keys((await rewritten(files, { pattern: 'f($A)', rewrite: 'g($A)', ...more })).files);
  assert.deepEqual(await touched({}), ['a.ts', 'src/[id]/d.mts', 'src/b.tsx', 'src/c.js']);
  assert.deepEqual(await touched({ language: 'TypeScript' }), ['a.ts', 'src/[id]/d.mts', 'src/b.tsx']);
  assert.deepEqual(await touched({ language: 'js' }), ['src/c.js']);
  assert.deepEqual(await touched({ paths: ['./src/'] }), ['src/[id]/d.mts', 'src/b.tsx', 'src/c.js']);
  assert.deepEqual(await touched({ paths: ['src/[id]/d.mts', '*.ts'] }), ['a.ts', 'src/[id]/d.mts']);
});

test('what cannot be searched is refused with the reason', async () => {
  const why = async (wanted: { pattern: string; rewrite: string; language?: string }) => {
    const { report, files } = await rewritten({ 'a.ts': 'foo(1)' }, wanted);
    assert.deepEqual([report.status, files], ['refused', {}]);
    return report.message;
  };
  assert.match(await why({ pattern: 'foo(', rewrite: 'x' }), /not one piece of code in any known language/);
  assert.match(await why({ pattern: 'foo(1); bar(2)', rewrite: 'x' }), /not one piece of code/);
  assert.match(await why({ pattern: '$A', rewrite: 'x' }), /would match everything/);
  assert.match(await why({ pattern: 'foo($$$A, $B)', rewrite: 'x($B)' }), /would miss places/);
  assert.match(await why({ pattern: 'foo($A)', rewrite: 'x($B)' }), /uses \$B, which the pattern does not capture/);
  assert.match(await why({ pattern: 'foo($$$A)', rewrite: 'x($A)' }), /must be written as in the pattern: \$\$\$A/);
  assert.match(await why({ pattern: 'foo($A)', rewrite: 'x', language: 'cobol' }), /npm install @ast-grep\/lang-cobol/);
});

test('a file that cannot be read as text is named, not passed over', async () => {
  const files = { 'a.ts': 'foo(1)', 'latin.ts': Buffer.from('foo(1) // \xe9', 'latin1') };
  const { report } = await rewritten(files, { pattern: 'foo($A)', rewrite: 'bar($A)' });
  assert.deepEqual([report.status, report.unplaced], ['unplaced', ['latin.ts:1:1 not read: too large or not UTF-8']]);
});

test('other languages are found when script does not match', async () => {
  const files = { 'a.css': 'a { color: red }\n', 'b.html': '<p><b>hi</b></p>\n' };
  const { files: html } = await rewritten(files, { pattern: '<b>$$$A</b>', rewrite: '<strong>$$$A</strong>' });
  assert.deepEqual(html, { 'b.html': '<p><strong>hi</strong></p>\n' });
  const { files: css } = await rewritten(files, { pattern: 'a { $$$B }', rewrite: 'p { $$$B }', language: 'css' });
  assert.deepEqual(css, { 'a.css': 'p { color: red }\n' });
});

test('an installed grammar is used', { skip: grammars().every((one) => one.id !== 'python') }, async () => {
  const { files } = await rewritten({ 'a.py': 'print("é", x)\n' }, { pattern: 'print($$$A)', rewrite: 'log($$$A)' });
  assert.deepEqual(files, { 'a.py': 'log("é", x)\n' });
});

test('search answers places, and says when there are none', async () => {
  const context = workspaceOf({ 'a.ts': '// é\nfoo(1,\n  2);\n', 'b.ts': 'bar()\n' });
  assert.equal(
    (await search({ pattern: 'foo($$$A)' }, context)).text,
    '1 match in 1 files\na.ts:2:1: foo(1, … (2 lines)',
  );
  assert.equal((await search({ pattern: 'nowhere($$$A)' }, context)).text, 'No match.');
  assert.equal((await search({ pattern: 'foo(' }, context)).isError, true);
});

test('templates and patterns are read', () => {
  const names = metavariables('$A $$$B $_ $$$ $ $foo $(x) $A1').map((each) => [each.name, each.multiple]);
  assert.deepEqual(names, [
    ['A', false],
    ['B', true],
    ['_', false],
    ['', true],
    ['A1', false],
  ]);
  assert.deepEqual(['console.log($A)', '$A && $B', '$A == null', '$el.on($$$X)'].map(longestWord), [
    'console',
    '',
    'null',
    '$el',
  ]);
  assert.equal(patternProblem('f($A, $$$B)'), undefined);
  assert.equal(templateProblem('f($A)', '$(el) + $A'), undefined);
});
