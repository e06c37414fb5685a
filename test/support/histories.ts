import { readFileSync } from 'node:fs';
import type { Event } from '../../ipc/events.ts';

/** The events of a history: a log as `vtcode log <run> --json` printed it, one event in a line. */
export function readHistory(file: string): Event[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}
