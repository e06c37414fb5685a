// Goal: patches in the format of OpenAI's models change exactly what they say, or nothing.
// Method: patches are prepared and applied in a folder here, and its files compared; calls are understood as they are sent.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { withEditTool } from '../../../orchestrator/models/edit-tool.ts';
import type { ModelChoice } from '../../../orchestrator/models/resolve.ts';
import { applyPatch } from '../../../tools/contracts/apply-patch.ts';
import { shellPatch } from '../../../tools/contracts/shell-patch.ts';
import type { ToolContext } from '../../../tools/contracts/tool.ts';
import { prepare } from '../../../tools/files/apply-patch.run.ts';
import { resolveInside } from '../../../tools/files/workspace-path.ts';
import { applyChanges } from '../../../tools/program/apply.run.ts';

const top = mkdtempSync('/var/tmp/vtcode-patch-');
after(() => rmSync(top, { recursive: true }));
let count = 0;

type Files = Record<string, string>;

/** Applies a patch to these files: what it says, and the files after it. */
async function patched(files: Files, input: string): Promise<{ text: string; isError: boolean; files: Files }> {
  count += 1;
  const workspace = join(top, String(count));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  }
  mkdirSync(workspace, { recursive: true });
  const context = {
    ...{
      workspace,
      resolve: (path: string) => resolveInside(path, workspace, []),
      signal: new AbortController().signal,
    },
    limits: { outputBytesMax: 20_000, fileBytesMax: 1_000_000 },
  } as unknown as ToolContext;
  const { text, isError = false, changes = [] } = await prepare({ input }, context);
  const wrong = applyChanges(changes, workspace).filter(({ outcome }) => outcome !== 'done');
  assert.deepEqual(wrong, []);
  const names = readdirSync(workspace, { recursive: true }) as string[];
  const left = names.filter((name) => statSync(join(workspace, name)).isFile()).sort();
  return {
    text,
    isError,
    files: Object.fromEntries(left.map((name) => [name, readFileSync(join(workspace, name), 'utf8')])),
  };
}

const patch = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n');

test('several files are added, changed, moved and removed by one patch', async () => {
  const { text, files } = await patched(
    { 'src/app.py': 'def greet():\n    print("Hi")\n\nend\n', 'obsolete.txt': 'x\n', 'keep.txt': 'k\n' },
    patch(
      '*** Add File: docs/hello.txt',
      '+Hello world',
      '+',
      '+again',
      '*** Update File: src/app.py',
      '*** Move to: src/main.py',
      '@@ def greet():',
      '-    print("Hi")',
      '+    print("Hello, world!")',
      '*** Delete File: obsolete.txt',
    ),
  );
  assert.equal(text, 'Done:\nA docs/hello.txt\nM src/main.py (was src/app.py)\nD obsolete.txt');
  assert.deepEqual(files, {
    'docs/hello.txt': 'Hello world\n\nagain\n',
    'keep.txt': 'k\n',
    'src/main.py': 'def greet():\n    print("Hello, world!")\n\nend\n',
  });
});

const code = 'class A:\n  def f():\n    return 1\n\nclass B:\n  def f():\n    return 1\n';
const updates: [words: string, file: string, hunks: string[], wanted: string | RegExp][] = [
  ['context around', 'a\nb\nc\n', [' a', '-b', '+B', ' c'], 'a\nB\nc\n'],
  ['no @@ before the first hunk, several after', 'a\nb\nc\nd\n', ['-a', '+A', '@@', ' c', '-d', '+D'], 'A\nb\nc\nD\n'],
  ['an empty line of context without its space', 'a\n\nb\n', ['@@', ' a', '', '-b', '+B'], 'a\n\nB\n'],
  [
    'the class that it is in',
    code,
    ['@@ class B:', '@@   def f():', '-    return 1', '+    return 2'],
    code.replace(/1\n$/, '2\n'),
  ],
  ['the header of a unified diff', 'a\nb\n', ['@@ -1,2 +1,2 @@', ' a', '-b', '+B'], 'a\nB\n'],
  ['lines added behind a named one', 'a\nb\n', ['@@ a', '+x'], 'a\nx\nb\n'],
  ['lines added at the end', 'a\nb', ['@@', '+x'], 'a\nb\nx'],
  ['the end of the file', 'x\ny\nx\n', ['@@', '-x', '+z', '*** End of File'], 'x\ny\nz\n'],
  ['lines that only go', 'a\nb\nc\n', ['@@', ' a', '-b', ' c'], 'a\nc\n'],
  ['CRLF line ends', 'a\r\nb\r\n', [' a', '-b', '+B', '+C'], 'a\r\nB\r\nC\r\n'],
  ['no line end at the end', 'a\nb', [' a', '-b', '+B'], 'a\nB'],
  ['an old text that is there twice', code, ['-    return 1', '+    return 2'], /2 times \(from lines 3, 7\)/],
  [
    'spaces that differ',
    'a\nb  \n',
    [' a', '-b', '+B'],
    /Lines 1–2 are like it; copied exactly:\na\nb {2}\n Only spaces at the ends/,
  ],
  [
    'a second hunk that fails',
    'a\nb\n',
    ['-a', '+A', '@@', '-x', '+y'],
    /Hunk 2 of 2 \(line 5 of the patch\): its old lines are not in/,
  ],
  [
    'hunks against the order of the file',
    'a\nb\n',
    ['-b', '+B', '@@', '-a', '+A'],
    /hunks follow the order of the file/,
  ],
  ['a named line that is not there', 'a\n', ['@@ class X', '-a', '+A'], /no line behind line 0 reads "class X"/],
];

for (const [words, file, hunks, wanted] of updates)
  test(`a hunk with ${words} ${typeof wanted === 'string' ? 'is applied' : 'changes nothing'}`, async () => {
    const { text, files } = await patched({ f: file }, patch('*** Update File: f', ...hunks));
    assert.equal(files.f, typeof wanted === 'string' ? wanted : file, text);
    if (typeof wanted !== 'string') assert.match(text, wanted);
  });

test('one hunk that fails leaves all files of the patch as they are', async () => {
  const before = { a: 'a\n', b: 'b\n' };
  const { isError, files } = await patched(
    before,
    patch('*** Update File: a', '-a', '+A', '*** Add File: c', '+c', '*** Update File: b', '-x', '+y'),
  );
  assert.deepEqual([isError, files], [true, before]);
});

test('sections about one file follow on each other', async () => {
  const twice = patch(
    '*** Update File: a',
    '-1',
    '+2',
    '*** Update File: a',
    '-2',
    '+3',
    '*** Delete File: b',
    '*** Add File: b',
    '+new',
  );
  assert.deepEqual((await patched({ a: '1\n', b: 'old\n' }, twice)).files, { a: '3\n', b: 'new\n' });
});

test('files that are there are not made or moved over, and missing ones are named', async () => {
  for (const [input, words] of [
    [patch('*** Add File: a', '+x'), /a exists already: change it by \*\*\* Update File/],
    [patch('*** Update File: a', '*** Move to: b'), /b, where a file is to be moved, exists already/],
    [patch('*** Update File: c', '-x', '+y'), /c does not exist/],
    [patch('*** Delete File: c'), /c does not exist/],
    [patch('*** Update File: a', '@@', ' a'), /changes nothing/],
    [patch('*** Update File: a', '@@', 'a'), /Line 4 of the patch of a hunk must begin with a space/],
    [patch('*** Add File: d', 'x'), /Line 3 of the patch of a new file must begin with \+/],
    ['*** Begin Patch\n*** Delete File: a\n', /no line \*\*\* End Patch at its end: it may have been cut/],
    ['--- a\n+++ b\n', /must begin with the line \*\*\* Begin Patch/],
  ] as const) {
    const { text, isError, files } = await patched({ a: 'a\n', b: 'b\n' }, input);
    assert.match(text, words);
    assert.deepEqual([isError, files], [true, { a: 'a\n', b: 'b\n' }]);
  }
});

test('a patch is found in here documents, commands and fences around it', async () => {
  const plain = patch('*** Update File: a', '-a', '+A').trim();
  for (const input of [
    `<<'EOF'\n${plain}\nEOF\n`,
    `apply_patch <<"EOF"\n${plain}\nEOF`,
    `\`\`\`diff\n${plain}\n\`\`\``,
  ])
    assert.deepEqual((await patched({ a: 'a\n' }, input)).files, { a: 'A\n' });
  const found = { input: plain };
  assert.deepEqual(shellPatch(['apply_patch', plain]), found);
  assert.deepEqual(shellPatch(['bash', '-lc', `apply_patch <<'EOF'\n${plain}\nEOF\n`]), found);
  assert.deepEqual(shellPatch(`cat <<'EOF' | apply_patch\n${plain}\nEOF`), found);
  assert.deepEqual(shellPatch(`cd "src" && apply_patch <<EOF\n${plain}\nEOF\n`), { ...found, directory: 'src' });
  assert.deepEqual(shellPatch(`apply_patch '${plain}'`), found);
  assert.match(String(shellPatch(`apply_patch <<'EOF'\n${plain}\nEOF\nnpm test`)), /is a tool here, no command/);
  assert.equal(shellPatch(`grep '*** Begin Patch' notes.md`), null);
});

test('the effects of a patch are every path that it names, and all of them can be changed', () => {
  const input = patch('*** Update File: /p/a', '*** Move to: /p/b', '*** Add File: /p/c', '+*** Add File: /p/x');
  const own = applyPatch.withPaths?.({ input }, (path) => path.replace('/p/', '')) ?? { input: '' };
  assert.deepEqual(applyPatch.effects(own), [
    { kind: 'read', path: 'a' },
    { kind: 'write', path: 'a' },
    { kind: 'write', path: 'b' },
    { kind: 'write', path: 'c' },
  ]);
  assert.ok(own.input.includes('+*** Add File: /p/x'));
});

test('a role shows the edit tool of its first model’s family, or the one that it says', () => {
  const tools = ['read_file', 'edit_file', 'apply_patch', 'write_file'];
  const shown = (ref: string, edit_tool: 'auto' | 'apply_patch' | 'edit_file' = 'auto') =>
    withEditTool(tools, { edit_tool }, { ref } as ModelChoice)[1];
  for (const ref of [
    'openai/gpt-5.2',
    'openrouter/openai/gpt-5',
    'azure/o4-mini',
    'openai/whatever',
    'groq/openai/gpt-oss-120b',
  ])
    assert.equal(shown(ref), 'apply_patch', ref);
  for (const ref of [
    'anthropic/claude-opus-4',
    'gemini/gemini-3-pro',
    'ollama/qwen3',
    'embedded',
    'moonshot/kimi-k2',
    'acme/yolo-2',
  ])
    assert.equal(shown(ref), 'edit_file', ref);
  assert.equal(shown('openai/gpt-5', 'edit_file'), 'edit_file');
  assert.equal(shown('embedded', 'apply_patch'), 'apply_patch');
  assert.deepEqual(withEditTool(['read_file'], { edit_tool: 'auto' }, undefined), ['read_file']);
});
