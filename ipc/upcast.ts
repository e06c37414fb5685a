import { eventVersion } from './events.ts';

/** The body of an event as JSON gave it, with its `type`. */
type RawBody = { type: string } & Record<string, unknown>;

/** The exit code of a host that was interrupted, and of one from before hosts wrote their exit codes. */
const interruptedExit = 130;

/**
 * What an event of each version lacks that the next version has, by the older version's number. An upcaster changes no
 * event that has it already. Add one with each change of `eventVersion`, and logs of the older version to test/histories.
 */
const upcasters: Record<number, (body: RawBody) => RawBody> = {
  1: (body) =>
    body.type === 'host.stopped' && body.exitCode === undefined ? { ...body, exitCode: interruptedExit } : body,
};

/**
 * A body that was written in `version` as one of today's version. Null: the version is newer than this vtcode knows, or no
 * version at all.
 */
export function upcast(body: RawBody, version: unknown): RawBody | null {
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1 || version > eventVersion) return null;
  let now = body;
  for (let from = version; from < eventVersion; from += 1) now = upcasters[from]?.(now) ?? now;
  return now;
}
