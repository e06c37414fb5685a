import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sources } from './sources.ts';

/**
 * Goal: comments get plainer and never less plain (docs/style.md). Method: words that mark a sentence to be written anew
 * are counted in the comments of each room; a count may fall and never rise.
 */
const signs = /\b(nobody|whoever|whatever|somebody|of theirs|as good as)\b|^\W*(What|Who)\b(?! (is|are|does|to)\?)/i;

/** The most that each room may hold. Lower a number when the count has fallen. */
const most: Record<string, number> = {
  agents: 1,
  cli: 5,
  ipc: 3,
  orchestrator: 4,
  providers: 2,
  scripts: 1,
  security: 9,
  state: 3,
  supervisor: 1,
  test: 117,
  tools: 5,
  tui: 11,
};

function commentLines(text: string): string[] {
  return text.split('\n').filter((line) => /^\s*(\/\*\*?|\*|\/\/)/.test(line));
}

test('tell-tale words in comments become fewer, room by room', () => {
  const counts: Record<string, number> = {};
  for (const { path, text } of sources()) {
    const room = path.split('/')[0] ?? '';
    const found = commentLines(text).filter((line) => signs.test(line)).length;
    counts[room] = (counts[room] ?? 0) + found;
  }
  const risen = Object.entries(counts).filter(([room, count]) => count > (most[room] ?? 0));
  assert.deepEqual(risen, [], 'say it in plain words: subject, verb, object (docs/style.md)');
});
