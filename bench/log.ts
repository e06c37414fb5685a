import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { EventBody } from '../ipc/events.ts';
import { temporaryFolder } from '../test/support/repository.ts';
import { bundledParts } from './bundled.ts';
import { atLeast, type Bench, type Figure, median } from './figures.ts';

/** Events of one measured pass, and how many a busy host writes at once. */
const events = 20_000;
const batch = 100;
/** A single-event append is a transaction of its own; a durable one waits for the disk. */
const singles = 3_000;
const durables = 300;
const passes = 5;
const perSecondLeast = 20_000;

/** An event of middling size: a tool's answer. */
const body = (at: number): EventBody => {
  const result = { text: `3 sites in 2 files, number ${at}.`, isError: false };
  const head = { type: 'tool.finished' as const, agent: `task_${at % 40}`, call: `call_${at}`, name: 'rename_symbol' };
  return { ...head, verdict: 'allowed', rule: 'inside the scope', result };
};
const bodies = Array.from({ length: events }, (_, at) => body(at));

/** Events per second into the log: in batches, one by one, and one by one on disk; beside bare SQLite in batches. */
const log: Bench = async () => {
  const { createRunLog } = await bundledParts();
  const folder = temporaryFolder('bench');
  const at = new Date().toISOString();
  const measured: Record<'batches' | 'single' | 'durable' | 'bare', number[]> = {
    batches: [],
    single: [],
    durable: [],
    bare: [],
  };
  try {
    for (let pass = 0; pass < passes; pass += 1) {
      const runLog = createRunLog(join(folder, `${pass}.db`), 'run_bench');
      runLog.own();
      const write = (from: number, size: number, durable: boolean) =>
        void runLog.append(bodies.slice(from, from + size), { at, durable });
      measured.batches.push(perSecond(events, batch, (from) => write(from, batch, false)));
      measured.single.push(perSecond(singles, 1, (from) => write(from, 1, false)));
      measured.durable.push(perSecond(durables, 1, (from) => write(from, 1, true)));
      runLog.close();
      measured.bare.push(bareSqlite(join(folder, `bare-${pass}.db`), at));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const bare = median(measured.bare);
  const figure = (what: string, value: number): Figure => {
    return { what, value, unit: 'events/s', ratio: { times: value / bare, of: 'bare SQLite' } };
  };
  const memoryMb = process.resourceUsage().maxRSS / 1024;
  return [
    atLeast({ ...figure(`batches of ${batch}`, median(measured.batches)), memoryMb }, perSecondLeast),
    figure('one by one', median(measured.single)),
    figure('one by one, durable', median(measured.durable)),
    figure(`bare SQLite, batches of ${batch}`, bare),
  ];
};

function perSecond(count: number, step: number, write: (from: number) => void): number {
  const started = performance.now();
  for (let from = 0; from < count; from += step) write(from);
  return count / ((performance.now() - started) / 1000);
}

/** The same texts into a table of two columns: no hash, no index, no look at the owner. */
function bareSqlite(path: string, at: string): number {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec('CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT, body TEXT)');
  const insert = db.prepare('INSERT INTO events VALUES (NULL, ?, ?)');
  const write = db.transaction((some: EventBody[]) => {
    for (const one of some) insert.run(at, JSON.stringify(one));
  });
  const rate = perSecond(events, batch, (from) => write.immediate(bodies.slice(from, from + batch)));
  db.close();
  return rate;
}

export default log;
