import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Anchor, chain, checkChain, type Row, subjectOf } from '../../state/audit-chain.ts';
import { amountOf } from '../support/amount.ts';
import { random } from '../support/random.ts';

/**
 * Goal: whatever somebody does to the records of a log is found: by the chain alone, or, when they make every hash anew, by
 * an anchor that lies elsewhere. Method: seeded random mutations of a real history.
 */
const mutations = amountOf({ gate: 2_500, proof: 10_000 });

const history: Row[] = [];
for (const line of readFileSync(join(import.meta.dirname, '..', 'histories', 'v1', 'three-tasks.jsonl'), 'utf8')
  .trim()
  .split('\n')) {
  const {
    seq,
    at,
    type,
    run: _,
    v: __,
    ...rest
  } = JSON.parse(line) as { seq: number; at: string; type: string; run: string; v: number };
  const body = JSON.stringify(rest);
  const hash = chain(history.at(-1)?.hash ?? '', { seq, at, type, body });
  history.push({ seq, at, type, body, hash, subject: subjectOf(rest) });
}
const anchorAt = (seq: number): Anchor => ({ seq, hash: history[seq - 1]!.hash, where: 'elsewhere' });
const last = history.length;

test('an untouched log is consistent, and says up to where somebody vouches for it', () => {
  const head = history.at(-1)!.hash;
  const whole = { events: last, head, broken: null, contradicted: [] };
  assert.deepEqual(checkChain(history, []), { ...whole, anchored: 0 });
  assert.deepEqual(checkChain(history, [anchorAt(9), anchorAt(3)]), { ...whole, anchored: 9 });
});

test(`${mutations} random mutations, hashes made anew or not, are all detected`, () => {
  const next = random(2026);
  const pick = (max: number) => Math.floor(next() * max);
  const kinds = new Map<string, number>();
  const missed: string[] = [];
  for (let count = 0; count < mutations; count += 1) {
    const rows = history.map((row) => ({ ...row }));
    const kind = mutate(rows, pick);
    const again = next() < 0.5;
    if (again) rehash(rows);
    if (JSON.stringify(rows) === JSON.stringify(history)) continue;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    // Cutting off the end and making all hashes anew leave a chain that is good in itself.
    const anchors = again || kind === 'truncate' ? [anchorAt(last)] : [];
    const { broken, contradicted } = checkChain(rows, anchors);
    if (!broken && contradicted.length === 0) missed.push(`${count}: ${kind}${again ? ' with new hashes' : ''}`);
  }
  assert.deepEqual(missed, []);
  for (const kind of ['edit', 'drop', 'swap', 'insert', 'repeat', 'truncate', 'refile', 'border'])
    assert.ok((kinds.get(kind) ?? 0) > 100, `${kind}: ${kinds.get(kind)}`);
});

test('what was cut off or rewritten after the last anchor is not said to be vouched for', () => {
  const anchors = [anchorAt(20)];
  const cut = checkChain(history.slice(0, 30), anchors);
  assert.deepEqual([cut.broken, cut.contradicted, cut.anchored, cut.events], [null, [], 20, 30]);
  const before = checkChain(history.slice(0, 19), anchors);
  assert.deepEqual([before.contradicted, before.anchored], [anchors, 0]);
});

/** Changes the rows in one way and answers what it was. */
function mutate(rows: Row[], pick: (max: number) => number): string {
  const at = pick(rows.length);
  const row = rows[at]!;
  switch (pick(8)) {
    case 0: {
      const field = (['at', 'type', 'body', 'hash'] as const)[pick(4)]!;
      const place = pick(row[field].length);
      const letter = String.fromCharCode(row[field].charCodeAt(place) ^ (1 + pick(31)));
      row[field] = row[field].slice(0, place) + letter + row[field].slice(place + 1);
      return 'edit';
    }
    case 1:
      rows.splice(at, 1 + pick(3));
      return rows.length === at ? 'truncate' : 'drop';
    case 2: {
      const other = pick(rows.length);
      [rows[at], rows[other]] = [
        { ...rows[other]!, seq: row.seq },
        { ...row, seq: rows[other]!.seq },
      ];
      return 'swap';
    }
    case 3:
      rows.splice(at, 0, { ...row, body: '{"reason":"put in"}', type: 'host.stopped', subject: null });
      for (const [index, one] of rows.entries()) one.seq = index + 1;
      return 'insert';
    case 4:
      rows.splice(at, 0, { ...row });
      return 'repeat';
    case 5:
      rows.length = at;
      return 'truncate';
    case 6:
      row.subject = row.subject === null ? 'planner' : `${row.subject}x`;
      return 'refile';
    default:
      // The border between two fields is moved; what is hashed stays the same bytes.
      row.type = `${row.type}\n${row.body.slice(0, 1)}`;
      row.at = `${row.at}`;
      row.body = row.body.slice(1);
      return 'border';
  }
}

function rehash(rows: Row[]): void {
  let before = '';
  for (const row of rows) before = row.hash = chain(before, row);
}
