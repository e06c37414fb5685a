/**
 * Goal: a model whose arguments are no JSON hears that, with the place of the mistake.
 * Method: a pure function.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenArguments } from '../../../tools/contracts/broken-arguments.ts';

const again = 'Make the call again with one JSON object as its arguments.';

test('the mistake and its place are named', () => {
  assert.equal(
    brokenArguments('{"path": "a.txt" "offset": 1}'),
    `The arguments are not valid JSON: Expected ',' or '}' after property value in JSON at position 17 (line 1 column 18), after "{\\"path\\": \\"a.txt\\" ". ${again}`,
  );
});

test('a JSON string is no object, and an object is not broken', () => {
  assert.equal(brokenArguments('"a.txt"'), `The arguments are a string, not a JSON object. ${again}`);
  assert.equal(brokenArguments({ path: 'a.txt' }), null);
});
