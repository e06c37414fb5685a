/**
 * Faults: every failure vtcode knows by name, in one table.
 *
 * kind: `retry` may succeed when tried again unchanged; `final` needs a person or another input; `bug` is ours.
 * exit: the exit code of the cli when the fault ends a command.
 */
export const faultTable = {
  // Usage and configuration: the person can mend the words of the call.
  usage: { kind: 'final', exit: 2 },
  config_invalid: { kind: 'final', exit: 2 },
  plan_invalid: { kind: 'final', exit: 2 },
  goal_unsupported: { kind: 'final', exit: 2 },
  symbol_not_found: { kind: 'final', exit: 2 },
  symbol_ambiguous: { kind: 'final', exit: 2 },
  name_clash: { kind: 'final', exit: 2 },
  sites_unplaced: { kind: 'final', exit: 2 },
  nothing_to_do: { kind: 'final', exit: 2 },
  // The repository and git.
  not_a_repository: { kind: 'final', exit: 2 },
  repository_state: { kind: 'final', exit: 2 },
  git_unavailable: { kind: 'final', exit: 2 },
  git_failed: { kind: 'final', exit: 1 },
  ref_moved: { kind: 'final', exit: 1 },
  merge_conflict: { kind: 'final', exit: 1 },
  // The state folder and its owner.
  run_unknown: { kind: 'final', exit: 2 },
  run_owned: { kind: 'retry', exit: 2 },
  state_newer: { kind: 'final', exit: 2 },
  state_locked: { kind: 'retry', exit: 2 },
  state_damaged: { kind: 'final', exit: 2 },
  state_unwritable: { kind: 'final', exit: 2 },
  // Processes, walls and tools.
  sandbox_unavailable: { kind: 'final', exit: 2 },
  process_failed: { kind: 'retry', exit: 1 },
  tool_failed: { kind: 'final', exit: 1 },
  file_changed: { kind: 'final', exit: 1 },
  runtime_too_old: { kind: 'final', exit: 2 },
  limit_reached: { kind: 'final', exit: 4 },
  model_failed: { kind: 'retry', exit: 1 },
  model_unknown: { kind: 'final', exit: 2 },
  key_missing: { kind: 'final', exit: 2 },
  key_refused: { kind: 'final', exit: 2 },
  bug: { kind: 'bug', exit: 1 },
} as const satisfies Record<string, { kind: 'retry' | 'final' | 'bug'; exit: number }>;

export type FaultCode = keyof typeof faultTable;

/**
 * The one error class. `message` says what happened and why; `advice` says what to do next.
 * `details` is plain data for machines; a foreign error goes into `cause`.
 */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly advice: string | undefined;
  readonly details: Record<string, unknown>;

  constructor(
    code: FaultCode,
    message: string,
    options: { advice?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.advice = options.advice;
    this.details = options.details ?? {};
  }

  get kind(): 'retry' | 'final' | 'bug' {
    return faultTable[this.code].kind;
  }

  get exitCode(): number {
    return faultTable[this.code].exit;
  }
}

/** Turns anything thrown into a Fault; an unknown error becomes a `bug` with the original as its cause. Never throws. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT'))
    return new Fault('state_unwritable', `There is no more room on the disk (${message}).`, {
      cause: error,
      advice: 'Free some disk space, then continue with vtcode resume.',
    });
  return new Fault('bug', message, { cause: error });
}
