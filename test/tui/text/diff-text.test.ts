import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffLines } from '../../../tui/text/diff-text.ts';
import { textOf } from '../../../tui/text/text.ts';
import { widthOf } from '../../../tui/text/width.ts';

/** Goal: a diff shows which line of which file it speaks of, also without colours. Method: pictures as text. */
const diff = `diff --git a/x.ts b/x.ts
index 1..2 100644
--- a/x.ts
+++ b/x.ts
@@ -8,4 +8,4 @@ function f() {
 same
--- old, which looks like a file
+++ new
 \tindented
 last
\\ No newline at end of file
diff --git a/y b/y
@@ -1 +1,2 @@
-\x1b[31mevil
+good
+a line that is far too wide for this screen
`;

test('each line has its number, its mark and its style', () => {
  const lines = diffLines(diff, 30);
  assert.equal(
    lines.map((line) => textOf(line).trimEnd()).join('\n'),
    `diff --git a/x.ts b/x.ts
index 1..2 100644
--- a/x.ts
+++ b/x.ts
@@ -8,4 +8,4 @@ function f() {
 8  same
 9 --- old, which looks like a
    file
 9 +++ new
10      indented
11  last
\\ No newline at end of file
diff --git a/y b/y
@@ -1 +1,2 @@
 1 -�[31mevil
 1 +good
 2 +a line that is far too wid
   e for this screen`,
  );
  const style = (text: string) => lines.find((line) => textOf(line).includes(text))?.at(-1)?.style;
  assert.deepEqual(['+++ b', '@@ -8', ' same', '-- old', '++ new', 'No newline', '+good'].map(style), [
    'bold',
    'accent',
    'plain',
    'removed',
    'added',
    'quiet',
    'added',
  ]);
});

test('what is no diff is shown as it is, and nothing is wider than asked for', () => {
  assert.deepEqual(diffLines('no diff', 20).map(textOf), ['no diff']);
  const garbage = `@@ -999999999,5 +1 @@\n漢${'字'.repeat(90)}\n\u202e+\n@@ -1 +1 @@\nx`;
  for (const line of diffLines(garbage, 21)) assert.ok(widthOf(textOf(line)) <= 21, textOf(line));
});
