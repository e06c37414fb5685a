import { readFileSync } from 'node:fs';
import { type Event, eventBody } from '../../ipc/events.ts';
import { upcast } from '../../ipc/upcast.ts';

/** The events of a history: a log as `vtcode log <run> --json` printed it, one event in a line. */
export function readHistory(file: string): Event[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { seq, at, run, v, ...body } = JSON.parse(line) as Event;
      return { seq, at, run, v, ...eventBody.parse(upcast(body, v)) } as Event;
    });
}
