import { rmSync, writeFileSync } from 'node:fs';

/** Space for a few records and the overhead of the database, in bytes. */
const reserveBytes = 64 * 1024;

/**
 * Reserves space on the disk, so that a host with a full disk can still log that it stops, and why. Without that entry
 * `supervise` would start hosts again and again. Throws the system's errors.
 */
export function setAside(file: string): void {
  writeFileSync(file, Buffer.alloc(reserveBytes), { mode: 0o600 });
}

/** When the first attempt fails, frees the reserved space and tries again. Throws the second attempt's error. */
export function withReserve<Value>(file: string, act: () => Value): Value {
  try {
    return act();
  } catch {
    rmSync(file, { force: true });
    return act();
  }
}
