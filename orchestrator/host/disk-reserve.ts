import { rmSync, writeFileSync } from 'node:fs';

/** Room for a few records and what the database adds to them, in bytes. */
const reserveBytes = 64 * 1024;

/**
 * Sets room on the disk aside, so that a host whose disk fills up can still write into the log that it stops, and why:
 * without that, others would start it again and again. Throws what the system throws.
 */
export function setAside(file: string): void {
  writeFileSync(file, Buffer.alloc(reserveBytes), { mode: 0o600 });
}

/** Tries again with the room that was set aside when the first attempt fails. Throws what the second one throws. */
export function withReserve<Value>(file: string, act: () => Value): Value {
  try {
    return act();
  } catch {
    rmSync(file, { force: true });
    return act();
  }
}
