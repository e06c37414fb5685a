import { createHash } from 'node:crypto';

/**
 * Finds an agent that repeats itself: the same failing call, or the same few calls in a circle, with the same results
 * and so without a new fact. It looks at calls and results alone, so it finds the same in a log that is read again.
 * Pure.
 */

/** A call with its result. `acted`: it changed a file or ran a command. */
export type DoneCall = { call: string; name: string; result: string; failed: boolean; acted: boolean };

/** How often the newest calls were made in a row, and the calls of one such round, oldest first. */
export type Repetition = { times: number; round: DoneCall[] };

/** The longest round of calls that is noticed. */
const periodMax = 4;
/** Calls that are kept for an agent: as many as the longest round needs, with reads between failing calls. */
export const doneCallsKept = periodMax * 8;

/** The identity of a call: its tool and arguments. */
export function callKey(name: string, given: unknown): string {
  return digest(JSON.stringify([name, given]));
}

export function doneCall(
  name: string,
  given: unknown,
  { text, isError }: { text: string; isError: boolean },
  acted: boolean,
): DoneCall {
  return { call: callKey(name, given), name, result: digest(withoutNoise(text)), failed: isError, acted };
}

/** `done`: the newest calls of an agent, oldest first. */
export function repetition(done: readonly DoneCall[]): Repetition {
  let found: Repetition = { times: 1, round: done.slice(-1) };
  if (done.length === 0) return { times: 0, round: [] };
  for (let period = 1; period <= periodMax; period += 1) {
    let same = 0;
    while (isSame(done.at(-1 - same), done.at(-1 - same - period))) same += 1;
    const times = Math.floor(same / period) + 1;
    if (times > found.times) found = { times, round: done.slice(-period) };
  }
  const failing = failingTimes(done);
  return failing > found.times ? { times: failing, round: done.slice(-1) } : found;
}

/** How often the newest call failed in the same way, although between its tries the agent only looked. */
function failingTimes(done: readonly DoneCall[]): number {
  const last = done.at(-1);
  if (!last?.failed) return 0;
  let times = 0;
  for (const one of done.toReversed()) {
    if (isSame(one, last)) times += 1;
    else if (one.acted) break;
  }
  return times;
}

function isSame(one: DoneCall | undefined, other: DoneCall | undefined): boolean {
  return one !== undefined && one.call === other?.call && one.result === other.result;
}

/**
 * The parts that differ in two results of the same call although nothing has changed: ids of calls, durations, times of day,
 * addresses in memory, process numbers, names of temporary files.
 */
const noise =
  /^\{"call":"[^"]*",|\b\d+(?:[.,]\d+)?\s?(?:ns|µs|ms|s|secs?|seconds?|min|minutes?)\b|\bduration_ms:? [\d.]+|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?|\b\d{1,2}:\d\d:\d\d(?:\.\d+)?\b|\b0x[0-9a-f]+\b|\bpid[ =:]*\d+|\/tmp\/[\w.-]+/gi;

function withoutNoise(text: string): string {
  return text.replace(noise, '#');
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}
