import { eventVersion } from './events.ts';

/** The body of an event as parsed from JSON, with its `type`. */
type RawBody = { type: string } & Record<string, unknown>;

/** The exit code of an interrupted host, and of a host from before exit codes were written. */
const interruptedExit = 130;

/**
 * The fields that an event of each version lacks and the next version has, by the older version's number. An upcaster
 * leaves an event that has them unchanged. Add one with each change of `eventVersion`, and logs of the older version to
 * test/histories.
 */
const upcasters: Record<number, (body: RawBody) => RawBody> = {
  1: (body) =>
    body.type === 'host.stopped' && body.exitCode === undefined ? { ...body, exitCode: interruptedExit } : body,
};

/**
 * Converts a body of version `version` to the present version. Null: the version is newer than this vtcode knows, or is
 * not a valid version.
 */
export function upcast(body: RawBody, version: unknown): RawBody | null {
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1 || version > eventVersion) return null;
  let now = body;
  for (let from = version; from < eventVersion; from += 1) now = upcasters[from]?.(now) ?? now;
  return now;
}
