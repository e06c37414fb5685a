import { dirname } from 'node:path';
import { type Event, type EventBody, eventBody, eventVersion } from '../ipc/events.ts';
import { Fault } from '../ipc/fault.ts';
import type { Redactor } from '../ipc/redaction.ts';
import { upcast } from '../ipc/upcast.ts';
import { chain, type Row, subjectOf } from './audit-chain.ts';
import { flushFolder, type Handle, openDatabase, translate } from './open.ts';
import { redactorOf } from './redaction.ts';

/**
 * The log of one run: append-only events, each chained by a hash to the one before, and the commands of other processes
 * to the run. One writer (the owner of the lease); any number of readers.
 */
export const logVersion = 1;

const schema = `
  CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL, subject TEXT);
  CREATE INDEX events_by_subject ON events (subject, seq) WHERE subject IS NOT NULL;
  CREATE TABLE owner (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL);
  INSERT INTO owner VALUES (1, 0);
  CREATE TABLE commands (id INTEGER PRIMARY KEY, at TEXT NOT NULL, command TEXT NOT NULL, argument TEXT NOT NULL, by TEXT NOT NULL, taken INTEGER NOT NULL DEFAULT 0);
  CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
  CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END
`;

export type RunCommand = { id: number; command: string; argument: string; by: string };

export type RunLog = ReturnType<typeof runLog>;

export function createRunLog(path: string, run: string, known: string[] = []): RunLog {
  return runLog(openDatabase(path, logVersion, { create: schema }), path, run, known);
}

/** Opens an existing log. Throws run_unknown when there is none, and what openDatabase throws. */
export function openRunLog(path: string, run: string, options: { readonly?: boolean; known?: string[] } = {}): RunLog {
  return runLog(openDatabase(path, logVersion, options), path, run, options.known ?? []);
}

/** `known`: values that are never written, in addition to values that look like secrets. */
function runLog(db: Handle, path: string, run: string, known: string[]) {
  let made: Redactor | undefined;
  const redaction = () => (made ??= redactorOf(path, known));
  return {
    path,
    run,
    /** A copy of the log from when it was opened: on a full disk (state/open.ts). */
    isCopy: db.memory,
    /** Every text passes it before it enters the log; code that shows or sends other text uses it too. */
    redaction,
    ...writer(db, path, run, redaction),
    ...reader(db, path, run),
    ...commandBox(db, path, redaction),
    close: () => void db.close(),
  };
}

function writer(db: Handle, path: string, run: string, redaction: () => Redactor) {
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)');
  const last = db.prepare('SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1');
  const owner = db.prepare('SELECT epoch FROM owner');
  const epochNow = () => (owner.get() as { epoch: number }).epoch;
  let epoch: number | undefined;
  let durableNow = false;

  const write = db.transaction((bodies: EventBody[], at: string): Event[] => {
    if (epoch === undefined || epochNow() !== epoch)
      throw new Fault('run_owned', `Run ${run} was taken over by another host.`, { advice: 'This host stops here.' });
    let { seq, hash } = (last.get() as { seq: number; hash: string } | undefined) ?? { seq: 0, hash: '' };
    return bodies.map((given) => {
      const body = redaction().deep(given);
      seq += 1;
      const { type, ...rest } = body;
      const text = JSON.stringify({ v: eventVersion, ...rest });
      hash = chain(hash, { seq, at, type, body: text });
      insert.run(seq, at, type, text, hash, subjectOf(body));
      return { seq, at, run, v: eventVersion, ...body } as Event;
    });
  });

  return {
    /** Makes this process the only one that may append. Call with the lease held. Returns the new epoch. */
    own(): number {
      return translate(path, () => {
        db.prepare('UPDATE owner SET epoch = epoch + 1').run();
        epoch = epochNow();
        // SQLite flushes its writes, but not the file name of a new write-ahead log.
        flushFolder(dirname(path));
        return epoch;
      });
    },
    /**
     * Writes events in one transaction and returns them with their numbers. `durable`: on disk before it returns, for
     * intents of outside effects; otherwise a power loss (not a kill) may lose the newest.
     */
    append(bodies: EventBody[], options: { at: string; durable: boolean }): Event[] {
      return translate(path, () => {
        if (options.durable !== durableNow) {
          db.pragma(`synchronous = ${options.durable ? 'FULL' : 'NORMAL'}`);
          durableNow = options.durable;
        }
        return write.immediate(bodies, options.at);
      });
    },
  };
}

function reader(db: Handle, path: string, run: string) {
  const after = db.prepare('SELECT * FROM events WHERE seq > ? ORDER BY seq');
  const some = db.prepare('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?');
  const started = db.prepare("SELECT * FROM events WHERE type = 'host.started' ORDER BY seq");
  const about = db.prepare('SELECT * FROM events WHERE subject = ? ORDER BY seq');
  // Kept, because it runs several times a second: a statement's memory lies outside the heap and is freed only by the
  // collector.
  const version = db.prepare('PRAGMA data_version').pluck();
  return {
    /** Events after `seq`, oldest first, parsed. Throws state_newer for a version or type this program does not know. */
    read(seq = 0): Event[] {
      return (translate(path, () => after.all(seq)) as Row[]).map((row) => parseRow(row, run));
    },
    /** Like `read`, but at most `most` events: for callers that must not be blocked for long. */
    readSome(seq: number, most: number): Event[] {
      return (translate(path, () => some.all(seq, most)) as Row[]).map((row) => parseRow(row, run));
    },
    /** A number that changes when another connection has written; reading it costs almost nothing. */
    dataVersion(): number {
      return translate(path, () => Number(version.get()));
    },
    /** The process families of all its hosts so far. */
    families(): string[] {
      const rows = translate(path, () => started.all()) as Row[];
      return rows.flatMap((row) => {
        const event = parseRow(row, run);
        return event.type === 'host.started' ? [event.family] : [];
      });
    },
    /** Events about one agent or task, oldest first: its conversation is rebuilt from them. */
    readAbout(subject: string): Event[] {
      return (translate(path, () => about.all(subject)) as Row[]).map((row) => parseRow(row, run));
    },
    /** The records as stored in the file, oldest first. */
    rows(): Iterable<Row> {
      return after.iterate(0) as Iterable<Row>;
    },
    /** The hash of one record. */
    hashAt(seq: number): string {
      const row = db.prepare('SELECT hash FROM events WHERE seq = ?').get(seq);
      return (row as { hash: string } | undefined)?.hash ?? '';
    },
    /** The newest record: its number, and its hash, which covers all records before it. */
    newest(): { seq: number; hash: string } {
      const row = db.prepare('SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1').get();
      return (row as { seq: number; hash: string } | undefined) ?? { seq: 0, hash: '' };
    },
  };
}

function commandBox(db: Handle, path: string, redaction: () => Redactor) {
  const take = db.prepare('UPDATE commands SET taken = 1 WHERE taken = 0 RETURNING id, command, argument, by');
  return {
    /** Gives the run a command; the host takes it at its next check. Any process may call this. */
    say(command: string, argument: string, by: string, at: string): void {
      const insert = 'INSERT INTO commands (at, command, argument, by) VALUES (?, ?, ?, ?)';
      translate(path, () => db.prepare(insert).run(at, command, redaction().text(argument), by));
    },
    /** Takes the commands that were not taken yet, oldest first. For the owner. */
    takeCommands(): RunCommand[] {
      return translate(path, () => take.all()) as RunCommand[];
    },
  };
}

function parseRow(row: Row, run: string): Event {
  // The head consists of columns whose types the database ensures; only the body may be anything. The first version
  // wrote no version number.
  const { v = 1, ...body } = json(row);
  const parsed = eventBody.safeParse(upcast({ ...body, type: row.type }, v));
  if (parsed.success) return { seq: row.seq, at: row.at, run, v, ...parsed.data } as Event;
  throw new Fault('state_newer', `Run ${run}: this vtcode does not know event ${row.seq} (${row.type}).`, {
    advice: 'It was probably written by a newer vtcode: use that one. Nothing was changed.',
    details: { version: v, issues: parsed.error.issues },
  });
}

function json(row: Row): Record<string, unknown> {
  try {
    return JSON.parse(row.body) as Record<string, unknown>;
  } catch (cause) {
    throw new Fault('state_damaged', `Event ${row.seq} of the log cannot be read.`, { cause });
  }
}
