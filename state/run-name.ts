import { openDatabase } from './open.ts';
import { logVersion } from './run-log.ts';

/**
 * What a person called a run, or null. For looking through all runs of a long life: it reads one field of the first event
 * and checks nothing else. Throws what `openDatabase` throws.
 */
export function runName(logPath: string): string | null {
  const db = openDatabase(logPath, logVersion, { readonly: true });
  try {
    const row = db.prepare("SELECT json_extract(body, '$.name') AS name FROM events WHERE seq = 1").get();
    return (row as { name: string | null } | undefined)?.name ?? null;
  } finally {
    db.close();
  }
}
