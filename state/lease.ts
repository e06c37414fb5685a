import { chmodSync, existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Fault } from '../ipc/fault.ts';
import { translate } from './open.ts';

/** Checking a lease locks it for a moment; taking it waits that long for a checker, in milliseconds. */
const lookMs = 300;

/** Ownership of a run: a lock that the kernel frees when its holder ends in any way. */
export type Lease = { release(): void };

/**
 * Takes the lease on the file `path`, or returns null when a living process has it. Needs no clock and no heartbeat.
 */
export function takeLease(path: string): Lease | null {
  const isNew = !existsSync(path);
  const db = translate(path, () => new Database(path, { timeout: lookMs }));
  try {
    if (isNew) chmodSync(path, 0o600);
    // DELETE mode: in WAL mode an exclusive transaction would not block readers of the same file.
    db.pragma('journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null;
    return translate(path, () => {
      throw error;
    });
  }
  return {
    release() {
      db.exec('ROLLBACK');
      db.close();
    },
  };
}

/** Like takeLease, but throws a Fault if another process owns the run. */
export function requireLease(path: string, run: string): Lease {
  const lease = takeLease(path);
  if (lease) return lease;
  throw runOwned(run);
}

/** The Fault for a caller that wants a run on which another process works. */
export function runOwned(run: string): Fault {
  return new Fault('run_owned', `Run ${run} is being worked on by another vtcode process.`, {
    advice: `Watch it with 'vtcode log ${run}', or end it with 'vtcode stop ${run}'.`,
  });
}

/** Whether a living process holds the lease on `path`. Takes nothing. */
export function isHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  const look = lookAtLease(path);
  try {
    return look.isHeld();
  } finally {
    look.close();
  }
}

/**
 * For callers that check an existing lease again and again: the file stays open, and is not locked between two checks.
 */
export type LeaseLook = { isHeld(): boolean; close(): void };

export function lookAtLease(path: string): LeaseLook {
  const db = translate(path, () => new Database(path, { readonly: true, timeout: 0 }));
  let look: Database.Statement | undefined;
  return {
    isHeld() {
      try {
        look ??= db.prepare('SELECT count(*) FROM sqlite_master');
        look.get();
        return false;
      } catch (error) {
        if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return true;
        throw error;
      }
    },
    close: () => void db.close(),
  };
}
