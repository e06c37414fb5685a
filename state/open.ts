import { closeSync, fsyncSync, openSync, readFileSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Fault } from '../ipc/fault.ts';

/** Marks our files, so that a foreign database is never opened as a log: "vtco". */
const applicationId = 0x7674636f;

export type Handle = Database.Database;

/** The wait for another process's short transaction; a longer wait means a defect. */
const busyTimeoutMs = 5_000;

/**
 * Opens one of our databases, or creates it when `create` holds the schema, and brings it to `version`. A database that
 * is only to be read, and cannot be shared because the disk is full, is opened as a copy in memory (`memory`): open it
 * again to see later changes. Throws Faults: state_newer, state_damaged, state_locked, state_unwritable, run_unknown
 * (it holds nothing yet).
 */
export function openDatabase(path: string, version: number, options: { create?: string; readonly?: boolean }): Handle {
  return translate(path, () => {
    const open = () =>
      new Database(path, { readonly: options.readonly ?? false, fileMustExist: options.create === undefined });
    const db = options.readonly ? readable(path, open()) : open();
    try {
      db.pragma(`busy_timeout = ${busyTimeoutMs}`);
      const found = Number(db.pragma('user_version', { simple: true }));
      if (found === 0 && options.create !== undefined) {
        db.pragma('journal_mode = WAL');
        db.exec(
          `BEGIN IMMEDIATE; ${options.create}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}; COMMIT`,
        );
      } else {
        checkVersion(db, path, found, version);
      }
      if (!options.readonly) db.pragma('synchronous = NORMAL');
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/**
 * All readers of a database with a write-ahead log share an index of it, in a file that the first reader makes: on a
 * full disk that fails. Then no other process has the database open, and it holds the whole log.
 */
function readable(path: string, db: Handle): Handle {
  try {
    db.pragma('schema_version');
    return db;
  } catch (error) {
    const isFull = error instanceof Database.SqliteError && /^SQLITE_(FULL|CANTOPEN|IOERR_SHM)/.test(error.code);
    const bytes = isFull ? wholeFile(path) : null;
    if (bytes === null) return db; // it throws the same error again
    db.close();
    // The two header bytes that indicate a write-ahead log (https://sqlite.org/fileformat.html, 1.3.3).
    bytes.fill(1, 18, 20);
    return new Database(bytes, { readonly: true });
  }
}

/**
 * The bytes at one moment of a database with an empty write-ahead log; null: its log is not empty, it is being written,
 * or it cannot be read.
 */
function wholeFile(path: string): Buffer | null {
  try {
    const before = fileStamp(path);
    const bytes = readFileSync(path);
    const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    return hasLog || fileStamp(path) !== before ? null : bytes;
  } catch {
    return null;
  }
}

/** A value that changes whenever the database may have been written. */
export function fileStamp(path: string): string {
  return [path, `${path}-wal`]
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((stat) => `${stat?.size} ${stat?.mtimeMs}`)
    .join();
}

function checkVersion(db: Handle, path: string, found: number, version: number): void {
  if (found === 0 && Number(db.pragma('schema_version', { simple: true })) === 0)
    throw new Fault('run_unknown', `${path} holds nothing yet.`, {
      advice: 'It is being made, or was when its maker died: look again in a moment.',
    });
  if (Number(db.pragma('application_id', { simple: true })) !== applicationId)
    throw new Fault('state_damaged', `${path} is not a vtcode database.`, {
      advice: 'Move the file away; vtcode does not touch what it did not make.',
    });
  if (found > version)
    throw new Fault(
      'state_newer',
      `${path} was written by a newer vtcode (format ${found}, this one knows ${version}).`,
      {
        advice: 'Use the newer vtcode for this run. Nothing was changed.',
      },
    );
}

/** Flushes the file names in a folder to the disk. Throws the system's errors. */
export function flushFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Runs `act` and turns SQLite's errors on the file `path` into Faults with advice. */
export function translate<Value>(path: string, act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    const cause = { cause: error };
    if (/^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(error.code))
      throw new Fault('state_damaged', `${path} is damaged (${error.message}).`, {
        ...cause,
        advice: `Keep a copy of it. 'vtcode rm' removes the run; its branch in your repository stays.`,
      });
    if (/^SQLITE_(BUSY|LOCKED)/.test(error.code))
      throw new Fault('state_locked', `${path} is locked by another process.`, {
        ...cause,
        advice: 'Wait until the other vtcode is done, or end it.',
      });
    if (/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM)/.test(error.code))
      throw new Fault('state_unwritable', `${path} cannot be written or opened (${error.message}, ${error.code}).`, {
        ...cause,
        advice: 'Check free disk space and permissions of the state folder, then continue with vtcode resume.',
      });
    throw error;
  }
}
