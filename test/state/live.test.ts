import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import * as z from 'zod/mini';
import { type LiveRows, openLive } from '../../state/live.ts';

/**
 * Goal: hosts share rows, and whatever happens to the file costs no run anything.
 * Method: two handles on one file; files that are damaged, foreign, gone or not to be made.
 */
const place = () => join(mkdtempSync(join(tmpdir(), 'vtcode-live-')), 'live.db');
const counter = z.object({ count: z.number() });
const add = (rows: LiveRows, key = 'pace:a') =>
  rows.change(key, counter, (row) => {
    const count = (row?.count ?? 0) + 1;
    return { row: { count }, answer: count };
  });

test('two hosts count in the same row', () => {
  const path = place();
  const [one, other] = [openLive(path), openLive(path)];
  assert.deepEqual([add(one), add(other), add(one), add(other, 'pace:b')], [1, 2, 3, 1]);
  one.close();
  other.close();
});

test('a file that is damaged, of somebody else, or cannot be made leaves each host with rows of its own', () => {
  const damaged = place();
  writeFileSync(damaged, 'this is no database at all, and long enough to be looked at as one'.repeat(100));
  for (const path of [damaged, '/nonexistent/live.db']) {
    const rows = openLive(path);
    assert.deepEqual([add(rows), add(rows)], [1, 2], path);
    rows.close();
  }
});

test('a file that is deleted under a host does not disturb it', () => {
  const path = place();
  const rows = openLive(path);
  add(rows);
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  assert.ok(add(rows) >= 1);
  rows.close();
});

test('a row that is no JSON counts as none, and what a change throws is its own', () => {
  const path = place();
  const rows = openLive(path);
  assert.throws(
    () =>
      rows.change('pace:a', counter, () => {
        throw new Error('mine');
      }),
    /mine/,
  );
  assert.equal(add(rows), 1);
  rows.close();
});

test('a row that another program filled with something else counts as none', () => {
  const path = place();
  const rows = openLive(path);
  add(rows);
  for (const body of ['{"count":"many"}', 'null', '[]', '{', '7']) {
    const db = new Database(path);
    db.prepare('UPDATE rows SET body = ?').run(body);
    db.close();
    assert.equal(add(rows), 1, body);
  }
  rows.close();
});
