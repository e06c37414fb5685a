import type * as z from 'zod/mini';
import type { FileChange } from '../../ipc/changes.ts';
import type { Image } from '../../ipc/message.ts';

/**
 * The effects that a tool declares before it acts. Paths are POSIX, relative to the work tree's top.
 * A tool whose written paths are known only after it has looked (a rename) declares its reads; its changes are judged
 * path by path before they are applied.
 */
export type Effect =
  | { kind: 'read'; path: string }
  | { kind: 'write'; path: string }
  | { kind: 'run'; command: string; directory: string }
  /** The host itself asks for a page. */
  | { kind: 'fetch'; url: string }
  /** The host has the web searched: the query leaves the machine. */
  | { kind: 'search'; query: string };

/** The pure half of a tool: `<name>.ts`. The act is `<name>.run.ts`, which only the hands import. */
export type Tool<Arguments> = {
  name: string;
  /** For the model: what it does, when to use it, what comes back. Short: it is sent with every request. */
  description: string;
  arguments: z.ZodMiniType<Arguments>;
  /** Arguments that other agents' tools have: taken, but not shown to a model. */
  hidden?: readonly string[];
  /**
   * The reach of a call: files, by the changes that `prepare` computes; anything, by commands; or nothing. An agent
   * whose role has no tool that writes gets hands that can only read.
   */
  writes: 'files' | 'commands' | false;
  /** It changes all of a repository, also files that git tracks and a search leaves out. */
  isRefactoring?: boolean;
  /** The arguments with every path changed that does not stand in an argument of its own. Pure. */
  withPaths?(parsed: Arguments, map: (path: string) => string): Arguments;
  /** Pure. Called with parsed arguments. */
  effects(parsed: Arguments): Effect[];
};

/** The tool's access to the hands. All paths handed to `fs` must come from `resolve`. */
export type ToolContext = {
  /** Absolute path of the work tree's top, symbolic links resolved. */
  workspace: string;
  /** Turns a relative path into an absolute one; throws a `tool_failed` Fault when it would leave the workspace. */
  resolve(path: string): string;
  limits: { outputBytesMax: number; fileBytesMax: number };
  /** Globs of files that a search through a tree leaves out. */
  hidden: string[];
  /** Files that git tracks although it is told to ignore them, or in a `node_modules`; relative paths. */
  unsearched: string[];
  languageServers: Record<string, string[]>;
  /** PATH of the hands' commands; absent: none. */
  programPath?: string | undefined;
  /** Aborted when the order is cancelled or the hands stop. */
  signal: AbortSignal;
  /** Kept for the hands' life: a tool registers here the things to end with them, e.g. a language server. */
  onStop(stop: () => Promise<void>): void;
};

/**
 * The act of a tool: `prepare` in `<name>.run.ts`. It reads and computes, and writes nothing. Expected failure is
 * `isError` with a text that says what to do next; a throw becomes an error result too.
 * `changes` present means: these are to be applied, and `text` is true once they are.
 */
export type Prepared = {
  text: string;
  isError?: boolean | undefined;
  data?: unknown;
  images?: Image[] | undefined;
  changes?: FileChange[] | undefined;
};
export type Prepare<Arguments> = (parsed: Arguments, context: ToolContext) => Promise<Prepared>;
