import * as z from 'zod/mini';
import { changeOutcome, fileChange } from './changes.ts';
import { image } from './message.ts';

/**
 * The protocol between the host and the hands. One order has one id and ends with exactly one answer.
 *
 * prepare  → prepared: compute a tool's result or its changes; nothing is written.
 * apply    → applied:  write recorded changes; may be repeated safely after a crash.
 * run      → output*, ran: start one command line and report its end.
 * signal             : ask the command with that id to end; it may take its time, or ignore the signal.
 * cancel             : end the order with that id (a command's whole process group is killed); its answer still comes.
 * The hands speak first: `ready` with the proof of their walls, and with the listening socket that the host's proxy is to
 * serve where hosts are granted and the hands have a network of their own, or `refused` with the reason and then they exit.
 */
export const handsPolicy = z.object({
  /** The work tree: absolute path. */
  workspace: z.string(),
  /** `read` refuses every write to the workspace, `write` allows them. */
  mode: z.enum(['read', 'write']),
  /**
   * Absolute paths in the workspace that commands must not change: git's own, which a person's next git command would
   * obey.
   */
  kept: z.array(z.string()),
  /** Folders in the workspace, absolute, that commands must not move away: they hold such paths. */
  pinned: z._default(z.array(z.string()), () => []),
  /** Absolute paths in the workspace that are not there for commands and tools: files with keys, denied paths. */
  masked: z._default(z.array(z.string()), () => []),
  /** Names of programs that a rule denies: none of these can be started from the PATH. */
  refused: z._default(z.array(z.string()), () => []),
  /** More absolute paths the hands may write to (private home, temporary folder, caches). */
  writable: z.array(z.string()),
  /** More absolute paths the hands may read (the user's installed packages, a private repository's git folder). */
  readable: z.array(z.string()),
  /** Hosts that may be reached, by the host's proxy (sandbox/grants.ts). Empty: no way out. */
  network: z.array(z.string()),
  /** Private home folder and temporary folder for commands: absolute paths, existing, also named in `writable`. */
  home: z.string(),
  temporary: z.string(),
  /** Folder for complete outputs of commands: absolute path, existing. The hands write it, the host reads it. */
  outputs: z.string(),
  /** Extra PATH folders in front of the system's own (absolute). */
  path: z.array(z.string()),
  /** Globs of files that a search skips unless it names one. */
  hidden: z.array(z.string()),
  /** Language servers by language id beyond the shipped one: argv. */
  languageServers: z.record(z.string(), z.array(z.string())),
  limits: z.object({
    outputBytesMax: z.number(),
    fileBytesMax: z.number(),
    memoryBytesMax: z.number(),
    processesMax: z.number(),
  }),
});
export type HandsPolicy = z.infer<typeof handsPolicy>;

export const handsOrder = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), policy: handsPolicy }),
  z.object({
    type: z.literal('prepare'),
    id: z.string(),
    tool: z.string(),
    arguments: z.unknown(),
    /** Files that a search leaves out and git tracks all the same; for tools that look at every file. */
    unsearched: z.optional(z.array(z.string())),
  }),
  z.object({ type: z.literal('apply'), id: z.string(), changes: z.array(fileChange) }),
  z.object({
    type: z.literal('run'),
    id: z.string(),
    command: z.string(),
    directory: z.string(),
    timeoutMs: z.number(),
    environment: z.record(z.string(), z.string()),
    /** The shell that reads the line, absolute; absent: `/bin/sh`. */
    shell: z.optional(z.string()),
    /** Its input and outputs are those that the hands were started with (`vtcode sandbox`); no output is kept. */
    passed: z.optional(z.boolean()),
    /** Its input is written by `input` orders; absent: it has nothing to read. */
    input: z.optional(z.boolean()),
    /** Its outputs are a terminal, if one can be had; `tail` is then the screen's content at the end. */
    terminal: z.optional(z.boolean()),
  }),
  z.object({ type: z.literal('input'), id: z.string(), text: z.string() }),
  z.object({ type: z.literal('cancel'), id: z.string() }),
  z.object({ type: z.literal('signal'), id: z.string(), signal: z.enum(['SIGINT', 'SIGTERM', 'SIGHUP']) }),
]);
export type HandsOrder = z.infer<typeof handsOrder>;

/** The tests of the walls at start: every field must be true (the walls refused), or the hands take no order. */
export const wallsProof = z.object({
  syncWriteRefused: z.boolean(),
  asyncWriteRefused: z.boolean(),
  workerWriteRefused: z.boolean(),
  childWriteRefused: z.boolean(),
});

export const wallsReport = z.object({
  /** One line for the run's header, e.g. `landlock abi 7, seccomp, no capabilities, private loopback`. */
  summary: z.string(),
  landlockAbi: z.number(),
  seccomp: z.boolean(),
  network: z.enum(['private_loopback', 'no_sockets', 'open']),
  /** Whether commands cannot reach the paths of `kept`: Landlock alone cannot exclude a part of a folder. */
  keeps: z.boolean(),
  proof: wallsProof,
});
export type WallsReport = z.infer<typeof wallsReport>;

export const ranReport = z.object({
  exitCode: z.nullable(z.number()),
  signal: z.nullable(z.string()),
  timedOut: z.boolean(),
  durationMs: z.number(),
  /** The last part of standard output and standard error as they came, at most `outputBytesMax` bytes. */
  tail: z.string(),
  /** Whether `tail` lacks the beginning; `outputFile` holds the whole. */
  truncated: z.boolean(),
  /** The size of the whole output, kept or not. */
  outputBytes: z.number(),
});
export type RanReport = z.infer<typeof ranReport>;

/**
 * Where hands put the whole output of an order: both sides compute it, so that neither trusts the other's word. Pure.
 */
export function outputFile(outputs: string, id: string): string {
  return `${outputs}/${id.replace(/[^\w.-]/g, '_')}.log`;
}

export const handsAnswer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), walls: wallsReport }),
  z.object({ type: z.literal('refused'), reason: z.string() }),
  z.object({
    type: z.literal('prepared'),
    id: z.string(),
    text: z.string(),
    isError: z.boolean(),
    data: z.optional(z.unknown()),
    images: z.optional(z.array(image)),
    changes: z.optional(z.array(fileChange)),
  }),
  z.object({ type: z.literal('applied'), id: z.string(), outcomes: z.array(changeOutcome) }),
  z.object({ type: z.literal('output'), id: z.string(), text: z.string() }),
  z.object({ type: z.literal('ran'), id: z.string(), report: ranReport }),
  z.object({ type: z.literal('failed'), id: z.string(), reason: z.string() }),
]);
export type HandsAnswer = z.infer<typeof handsAnswer>;
