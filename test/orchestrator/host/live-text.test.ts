/**
 * Goal: who looks on from another process is told every word of an answer once, whenever they come and whichever host says
 * it. Method: both ends on a real folder, with the times at which they look.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync } from 'node:fs';
import { test } from 'node:test';
import type { Event } from '../../../ipc/events.ts';
import { openSpool, readSpool } from '../../../orchestrator/host/live-text.ts';
import { runPaths } from '../../../state/paths.ts';
import { eventually } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/repository.ts';

function place() {
  const paths = runPaths(temporaryFolder('spool'), 'run_abcdefghjkmn');
  mkdirSync(paths.folder, { recursive: true });
  return paths;
}
const granted = (call: number) => ({ type: 'model.granted', agent: 'a', call, model: 'acme/big' }) as Event;
/** What a reader has put together. */
function listener(paths: ReturnType<typeof place>) {
  const read = readSpool(paths);
  let told = { call: 0, text: '' };
  return () => {
    for (const { call, begins, text } of read())
      told = { call, text: begins || call !== told.call ? text : told.text + text };
    return told;
  };
}

test('the answer under way is told from its beginning, to the first who comes and to the next', async (t) => {
  const paths = place();
  const spool = openSpool(paths);
  t.after(() => spool.close());
  spool.heed(granted(3));
  // A character of two halves stands where a line is cut.
  const words = `${'x'.repeat(999)}😀 ${'more '.repeat(500)}`;
  spool.piece('a', words);
  assert.equal(existsSync(paths.said), false, 'nobody looks on');
  const first = listener(paths);
  assert.ok(await eventually(() => first().text === words, 5_000));
  spool.piece('a', 'and the end');
  const second = listener(paths);
  for (const heard of [first, second]) assert.deepEqual(heard(), { call: 3, text: `${words}and the end` });
});

test('another host says its words from the beginning, although its file has the number of the one before', () => {
  const paths = place();
  const heard = listener(paths);
  heard();
  const before = openSpool(paths);
  before.heed(granted(1));
  before.piece('a', 'Hello ');
  assert.equal(heard().text, 'Hello ');
  before.close();
  before.piece('a', 'too late');
  assert.equal(existsSync(paths.said), false);
  heard();
  const next = openSpool(paths);
  next.heed(granted(1));
  next.piece('a', 'Another answer of the same call');
  assert.deepEqual(heard(), { call: 1, text: 'Another answer of the same call' });
  next.close();
});

test('who looks away for a while is told the whole answer again', async () => {
  const paths = place();
  const heard = listener(paths);
  heard();
  const spool = openSpool(paths);
  spool.heed(granted(2));
  spool.piece('a', 'One ');
  assert.equal(heard().text, 'One ');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(paths.looking, longAgo, longAgo);
  assert.ok(await eventually(() => !existsSync(paths.said), 5_000));
  spool.piece('a', 'two');
  assert.ok(await eventually(() => heard().text === 'One two', 5_000));
  spool.close();
});
