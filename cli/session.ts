import { Fault, toFault } from '../ipc/fault.ts';
import type { Manifest } from '../ipc/manifest.ts';
import { redactor } from '../ipc/redaction.ts';
import type { UserEnvironment } from '../orchestrator/environment/environment.ts';
import { knownSecrets } from '../orchestrator/environment/known-secrets.ts';
import type { EarlyStart } from '../orchestrator/host/early-start.ts';
import { safe } from '../tui/text/safe-text.ts';

/**
 * The part of Node's `process` that commands use: streams, signals and the end. A command that runs inside another
 * process, as in a test, is given one of its own.
 */
export type CommandProcess = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'on' | 'off' | 'exit'>;

/** The surroundings of a command: where its files lie and where its output goes. */
export type Session = {
  place: UserEnvironment;
  process: CommandProcess;
  /** Processes that were started for a new run before this program was loaded; null for other commands. */
  early: EarlyStart | null;
  json: boolean;
  /** A line for a person on standard output; swallowed when the output is JSON. */
  say(...lines: string[]): void;
  /** A line for a person on standard error. */
  warn(...lines: string[]): void;
  /** One JSON line on standard output, when the output is JSON. */
  emit(value: Record<string, unknown>): void;
};

export type SessionParts = Pick<Session, 'place' | 'early' | 'process'>;

/** `json`: everything that the command prints on standard output is JSON. */
export function openSession({ place, early, process }: SessionParts, json: boolean): Session {
  return {
    place,
    process,
    early,
    json,
    say: (...lines) => {
      if (!json) process.stdout.write(`${lines.map(safe).join('\n')}\n`);
    },
    warn: (...lines) => {
      process.stderr.write(`${lines.map(safe).join('\n')}\n`);
    },
    emit: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}

/** The result of a command: its exit code, and the content of the last line of `--json`. */
export type Outcome = {
  exitCode: number;
  run?: string;
  seq?: number;
  manifest?: Manifest;
  /** The JSON output was one document, although the command usually prints a stream. */
  isDocument?: boolean;
};

/** A command as a function of its options and of the words after its name. */
export type Act = (session: Session, options: Record<string, unknown>, argument: string[]) => Promise<Outcome>;

/** Says a fault to a person: what happened and why, then what to do. Our own mistakes say so. */
export function tellFault(session: Session, error: unknown, debug: boolean): Fault {
  const fault = withoutSecrets(session, toFault(error));
  const lines = fault.message.split('\n');
  session.warn(`vtcode: ${lines[0] ?? ''}`, ...lines.slice(1).map((line) => `  ${line}`));
  if (fault.advice) session.warn(`  ${fault.advice}`);
  if (fault.kind === 'bug') {
    session.warn('  This is a mistake in vtcode, not yours. Nothing that was merged is lost: vtcode resume goes on.');
    if (debug) session.warn(String(fault.cause instanceof Error ? fault.cause.stack : fault.stack));
    else session.warn('  With VTCODE_DEBUG=1 vtcode shows where it happened.');
  }
  return fault;
}

/** A foreign program's words in an error may hold what it was given. */
function withoutSecrets({ place }: Session, fault: Fault): Fault {
  const { text } = redactor('', knownSecrets(place.environment));
  const [message, advice] = [text(fault.message), fault.advice && text(fault.advice)];
  if (message === fault.message && advice === fault.advice) return fault;
  return new Fault(fault.code, message, { ...(advice && { advice }), cause: fault.cause });
}

/** The last line of every `--json` output. */
export function emitEnd(session: Session, outcome: Outcome, fault: Fault | null): void {
  session.emit({
    seq: (outcome.seq ?? 0) + 1,
    at: new Date().toISOString(),
    run: outcome.run ?? null,
    type: 'cli.ended',
    exitCode: outcome.exitCode,
    state: outcome.manifest?.state ?? null,
    manifest: outcome.manifest ?? null,
    error: fault && { code: fault.code, message: fault.message, advice: fault.advice ?? null },
  });
}
