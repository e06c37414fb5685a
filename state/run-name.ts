import { openDatabase } from './open.ts';
import { logVersion } from './run-log.ts';

/**
 * The name that a person gave a run, or null. For searching all runs: it reads one field of the first event and checks
 * nothing else. Throws the errors of `openDatabase`.
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
