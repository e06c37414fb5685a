import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Redactor, redactor } from '../ipc/redaction.ts';

/**
 * The redactor of the run whose log is `logPath`. Its key lies beside the log, readable for its user alone, and is made
 * with the run. `known`: values that are secret whatever their form.
 */
export function redactorOf(logPath: string, known: string[] = []): Redactor {
  return redactor(keyAt(join(dirname(logPath), 'redaction.key')), known);
}

function keyAt(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A run from before there were keys, or a new run.
  }
  const key = randomBytes(32).toString('hex');
  try {
    writeFileSync(file, key, { mode: 0o600, flag: 'wx' });
    return key;
  } catch {
    // Another process was faster, or the disk cannot be written: then markers are valid for this process only.
    return readable(file) ?? key;
  }
}

function readable(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
