import { createHash } from 'node:crypto';

/** A record as stored in the file. */
export type Row = { seq: number; at: string; type: string; body: string; hash: string; subject: string | null };

/**
 * The hash chain of a log's records: each carries a hash over itself and the hash before it. Following the chain finds
 * records that were edited, dropped, reordered or inserted. It does not find records that were cut off at the end, or
 * rewritten together with every later hash: those are found only by comparison with anchors outside the log.
 */
export type Anchor = { seq: number; hash: string; where: string };

export type ChainReport = {
  events: number;
  /** The newest hash: it covers all records before it. */
  head: string;
  /** The first record that does not follow from the records before it. */
  broken: { seq: number; why: string } | null;
  /** Anchors that contradict the log. */
  contradicted: Anchor[];
  /** The newest record that an anchor confirms, with all before it; 0: none. */
  anchored: number;
};

/** Follows the chain over records as stored in the file. */
export function checkChain(rows: Iterable<Row>, anchors: Anchor[]): ChainReport {
  const hashes = [''];
  let broken: ChainReport['broken'] = null;
  for (const row of rows) {
    const before = hashes.at(-1) ?? '';
    broken ??= faultOf(row, hashes.length, before);
    if (broken) break;
    hashes.push(row.hash);
  }
  const contradicted = anchors.filter(({ seq, hash }) => (broken ? seq < broken.seq : true) && hashes[seq] !== hash);
  const held = broken || contradicted.length > 0 ? [] : anchors;
  const anchored = Math.max(0, ...held.map(({ seq }) => seq));
  return { events: hashes.length - 1, head: hashes.at(-1) ?? '', broken, contradicted, anchored };
}

function faultOf(row: Row, expected: number, before: string): ChainReport['broken'] {
  const broken = (why: string) => ({ seq: expected, why });
  if (row.seq !== expected) return broken(`record ${expected} is missing: ${row.seq} is in its place`);
  const texts = [row.at, row.type, row.body, row.hash];
  if (!texts.every((value) => typeof value === 'string')) return broken('a field is not text');
  // A line break in a field could look like the border between two fields.
  if (/\n/.test(row.at + row.type)) return broken('a field has a line break');
  if (chain(before, row) !== row.hash) return broken('its content is not what its hash was made of');
  if (row.subject !== subjectOf(bodyOf(row))) return broken('it is filed under another agent or task than it is about');
  return null;
}

function bodyOf({ body }: Row): object {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** The hash of a record: SHA-256 (hex) over the hash before it and its own fields. */
export function chain(before: string, { seq, at, type, body }: Pick<Row, 'seq' | 'at' | 'type' | 'body'>): string {
  return createHash('sha256').update(`${before}\n${seq}\n${at}\n${type}\n${body}`).digest('hex');
}

/** The agent or task of a record: used to find records, and computed from their content. */
export function subjectOf(body: object): string | null {
  if ('agent' in body) return String(body.agent);
  return 'task' in body ? String(body.task) : null;
}
