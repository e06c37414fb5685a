import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../ipc/manifest.ts';
import { type Called, jsonLines, type TestVtcode } from './vtcode.ts';

/** The last line of every `--json` output. */
export type CliEnd = {
  seq: number;
  run: string | null;
  type: string;
  exitCode: number;
  state: string | null;
  manifest: Manifest | null;
  error: { code: string; message: string; advice: string | null } | null;
};

export function endOf(called: Called): CliEnd {
  const end = jsonLines(called.stdout).at(-1) as CliEnd | undefined;
  assert.equal(end?.type, 'cli.ended', `the last line is cli.ended: ${called.stdout.slice(-400)}${called.stderr}`);
  return end as CliEnd;
}

/** The events before the last line. */
export function eventsOf(called: Called): Record<string, unknown>[] {
  return jsonLines(called.stdout).slice(0, -1);
}

/** Ids of the runs in a state folder. */
export function runsIn(vtcode: TestVtcode): string[] {
  const folder = join(vtcode.state, 'runs');
  return existsSync(folder) ? readdirSync(folder) : [];
}

export type Refusal = { exitCode: number; code: string; says: RegExp[] };
type Surroundings = { environment?: Record<string, string>; cwd?: string };

/**
 * Calls vtcode with `--json` and asserts that it refuses: its exit code, the fault's code in the last line, what a
 * person reads on standard error, no mistake of our own, and no new run in the state folder.
 */
export async function assertRefused(
  vtcode: TestVtcode,
  args: string[],
  wanted: Refusal,
  surroundings: Surroundings = {},
): Promise<CliEnd> {
  const before = runsIn(vtcode);
  const called = await vtcode.call([...args, '--json'], surroundings);
  const end = endOf(called);
  assert.deepEqual(
    { called: called.code, told: end.exitCode, code: end.error?.code },
    { called: wanted.exitCode, told: wanted.exitCode, code: wanted.code },
    called.stderr,
  );
  for (const words of wanted.says) assert.match(called.stderr, words);
  assert.doesNotMatch(called.stderr, /mistake in vtcode/);
  assert.deepEqual(runsIn(vtcode), before);
  return end;
}
