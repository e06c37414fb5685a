import { chmodSync, existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Fault } from '../ipc/fault.ts';
import { translate } from './open.ts';

/** A look at a lease locks it for a moment; whoever wants it waits that long, in milliseconds. */
const lookMs = 300;

/** Ownership of a run: a lock that the kernel holds and frees when its holder ends, however it ends. */
export type Lease = { release(): void };

/**
 * Takes the lease on the file `path`, or returns null when a living process has it. Needs no clock and no heartbeat.
 */
export function takeLease(path: string): Lease | null {
  const isNew = !existsSync(path);
  const db = translate(path, () => new Database(path, { timeout: lookMs }));
  try {
    if (isNew) chmodSync(path, 0o600);
    // DELETE mode: in WAL an exclusive transaction would not keep readers of the same file apart.
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

/** Like takeLease, but a run that somebody owns is a Fault. */
export function requireLease(path: string, run: string): Lease {
  const lease = takeLease(path);
  if (lease) return lease;
  throw runOwned(run);
}

/** What whoever wants a run is told that another process works on. */
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

/** For who asks again and again about a lease that is there: the file stays open, and nothing of it is locked between two looks. */
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
