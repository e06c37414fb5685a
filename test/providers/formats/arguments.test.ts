/**
 * Goal: small damage in a model's arguments is repaired where it has one meaning, and nowhere else.
 * Method: texts as models write them; the repair is a pure function.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsIn } from '../../../providers/formats/arguments.ts';

const repaired: [text: string, meant: unknown][] = [
  ['', {}],
  ['  ', {}],
  ['{"path": "a.txt",}', { path: 'a.txt' }],
  ['{"edits": [{"a": 1,}, ], }', { edits: [{ a: 1 }] }],
  ['{"text": "a, }", }', { text: 'a, }' }],
  ['```json\n{"path": "a"}\n```', { path: 'a' }],
  ['{}{"path": "a"}', { path: 'a' }],
  ['{"path": "a"}{"path": "a"}', { path: 'a' }],
  ['"{\\"path\\": \\"a\\"}"', { path: 'a' }],
  ['{"text": "one\ntwo\tthree"}', { text: 'one\ntwo\tthree' }],
  ['{"all": True, "none": None, "text": "True"}', { all: true, none: null, text: 'True' }],
];

for (const [text, meant] of repaired)
  test(`${JSON.stringify(text)} is repaired`, () => assert.deepEqual(argumentsIn(text), meant));

const kept = [
  '{"path": "a.txt"',
  '{"path": "a.t',
  '{"pattern": "\\d+"}',
  "{'path': 'a'}",
  '{"path": "a"}{"path": "b"}',
  'read a.txt',
  '{"text": "he said "hi""}',
];

for (const text of kept)
  test(`${JSON.stringify(text)} has more than one meaning and stays`, () => assert.equal(argumentsIn(text), text));
