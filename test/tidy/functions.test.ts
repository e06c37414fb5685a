import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodesOf, parsedSources } from './syntax.ts';

/** Goal: no function is long, methods and closures included. Method: every function in the syntax tree is measured. */
const functionLinesMax = 70;
const kinds = [
  'function_declaration',
  'generator_function_declaration',
  'function_expression',
  'arrow_function',
  'method_definition',
];

test(`no function has more than ${functionLinesMax} lines, methods and closures included`, () => {
  const long = parsedSources().flatMap(({ path, tree }) =>
    nodesOf(tree, kinds).flatMap((node) => {
      const { start, end } = node.range();
      const lines = end.line - start.line + 1;
      return lines > functionLinesMax ? [`${path}:${start.line + 1} (${lines} lines)`] : [];
    }),
  );
  assert.deepEqual(long, []);
});
