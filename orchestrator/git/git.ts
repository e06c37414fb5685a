import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../ipc/fault.ts';

/**
 * Host git: only this file starts git. Every call names its repository explicitly and switches off all settings by
 * which a repository could run a program: hooks, fsmonitor, external diff and textconv, filters (no configuration of
 * the user or system is read, so none is defined), submodule recursion, background maintenance.
 */
export type GitLocation = {
  /** The git directory: a bare repository, or one work tree's own folder inside it. '': git needs no repository. */
  gitDir: string;
  workTree?: string;
  /** Index file to use instead of the place's own. */
  index?: string;
  /** Folder that new objects are written to instead of the repository's own. */
  objects?: string;
  /** More folders to read objects from. */
  alternates?: string;
  /** Variables for git beside ours: the user's PATH, and the mark of the host's process tree. */
  environment?: Record<string, string>;
  /** Settings beside ours, none of which starts a program. */
  settings?: readonly GitSetting[];
};
export type GitSetting = [key: string, value: string];

export type GitResult = { code: number; bytes: Buffer; stdout: string; stderr: string };
/** `signal` ends git, which then removes its locks and counts as failed. */
export type GitOptions = { input?: string | Buffer; environment?: Record<string, string>; signal?: AbortSignal };

const quiet = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.quotePath', 'false'],
  ['core.longPaths', 'true'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['submodule.recurse', 'false'],
  ['diff.external', ''],
  ['commit.gpgSign', 'false'],
  ['protocol.ext.allow', 'never'],
  ['advice.detachedHead', 'false'],
  ['safe.directory', '*'],
  ['checkout.workers', '4'],
  // The log's statements about commits and branches must be true even after a power loss: objects first, then refs,
  // each on disk when git ends. `batch` flushes once per command instead of once per object.
  ['core.fsync', 'committed'],
  ['core.fsyncMethod', 'batch'],
].flatMap(([key, value]) => ['-c', `${key}=${value}`]);

/** The PATH of a git whose place sets none. */
const standardPath = '/usr/local/bin:/usr/bin:/bin';

function environmentFor(place: GitLocation, extra: Record<string, string>): Record<string, string> {
  return {
    PATH: standardPath,
    ...place.environment,
    LC_ALL: 'C',
    HOME: '/nonexistent',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    // A git older than that variable would fetch what a partial clone lacks.
    GIT_ALLOW_PROTOCOL: 'none',
    ...(place.gitDir && { GIT_DIR: place.gitDir }),
    ...(place.workTree && { GIT_WORK_TREE: place.workTree }),
    ...(place.index && { GIT_INDEX_FILE: place.index }),
    ...(place.objects && { GIT_OBJECT_DIRECTORY: place.objects }),
    ...(place.alternates && { GIT_ALTERNATE_OBJECT_DIRECTORIES: place.alternates }),
    ...extra,
  };
}

/**
 * The longest time for our git, in milliseconds; beyond it git waits for something endless, such as a `.gitignore` that
 * is a pipe.
 */
const longestMs = 15 * 60_000;

/** How often a git that was killed, for example by a machine without memory, is started again. */
const againMax = 2;

/**
 * Runs git and returns how it ended; never throws for git's own failures. A git that was killed is started again: all
 * our git commands can be repeated. Throws git_unavailable when it cannot start.
 */
export async function gitTry(place: GitLocation, args: string[], options: GitOptions = {}): Promise<GitResult> {
  for (let left = againMax; ; left -= 1) {
    const { isKilled, ...result } = await runGit(place, args, options);
    if (!isKilled || left === 0) return result;
    if (place.gitDir) removeLocks(place.gitDir);
  }
}

/** Removes the locks that a killed git left in the folder of a work tree, which only we use. */
export function removeLocks(gitDir: string): void {
  if (!gitDir.includes('/worktrees/') || !existsSync(gitDir)) return;
  for (const name of readdirSync(gitDir)) if (name.endsWith('.lock')) rmSync(join(gitDir, name), { force: true });
}

function runGit(place: GitLocation, args: string[], options: GitOptions): Promise<GitResult & { isKilled: boolean }> {
  const { promise, resolve, reject } = Promise.withResolvers<GitResult & { isKilled: boolean }>();
  const ends = options.signal ?? AbortSignal.timeout(longestMs);
  const settings = (place.settings ?? []).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const child = spawn('git', [...settings, ...quiet, ...args], {
    env: environmentFor(place, options.environment ?? {}),
    cwd: place.workTree ?? '/',
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: ends,
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.on('error', () => {}); // git may end before it has read its input; its exit status tells
  child.stdin.end(options.input ?? '');
  child.on('error', (cause) => {
    if (child.pid !== undefined) return; // its signal ended it; `close` reports that
    reject(
      new Fault('git_unavailable', `git cannot be started (${cause.message}).`, {
        cause,
        advice: 'Install git 2.38 or newer and make sure that it is on PATH.',
      }),
    );
  });
  child.on('close', (code, signal) => {
    const bytes = Buffer.concat(output);
    const stderr = Buffer.concat(errors).toString() || (ends.aborted ? 'it took too long and was ended' : '');
    resolve({ code: code ?? 128, bytes, stdout: bytes.toString(), stderr, isKilled: signal === 'SIGKILL' });
  });
  return promise;
}

/** Runs git; returns standard output without the final newline. Throws git_failed with git's own words. */
export async function git(place: GitLocation, args: string[], options: GitOptions = {}): Promise<string> {
  const result = await gitTry(place, args, options);
  if (result.code === 0) return result.stdout.replace(/\n$/, '');
  throw new Fault('git_failed', `git ${args[0]} failed: ${result.stderr.trim() || `exit ${result.code}`}`, {
    details: { args, code: result.code },
  });
}

/** Splits NUL-separated output into its parts. */
export function splitNul(text: string): string[] {
  return text.split('\0').filter((part) => part !== '');
}

/** Asks the user's own git for their name and address. Each is null when it is unset. */
export async function askUserIdentity(
  root: string,
  environment: Record<string, string>,
): Promise<{ name: string | null; email: string | null }> {
  const words = ['-c', 'safe.directory=*', 'config', '--null', '--get-regexp', '^user\\.(name|email)$'];
  const result = await userGit(root, words, environment);
  // The last value of a key counts, as in git itself.
  const found = new Map(splitNul(result.stdout).map((entry) => entry.split(/\n(.*)/s).slice(0, 2) as [string, string]));
  return { name: found.get('user.name')?.trim() || null, email: found.get('user.email')?.trim() || null };
}

/**
 * Runs the user's own git in their work tree, with their environment, configuration, hooks and signing. Never throws.
 */
export function userGit(root: string, args: string[], environment: Record<string, string>): Promise<GitResult> {
  return runAsUser(['-C', root, ...args], withoutOurCaller(environment));
}

/** A person's own repository, named outright: a repository that lies inside their folder is never taken for it. */
export type PersonalGit = {
  gitDir: string;
  workTree: string;
  folder: string;
  environment: Record<string, string>;
  /** Whether the person's hooks run: for commands that a person has to allow. */
  hooks: boolean;
};

/**
 * Runs the user's own git for an agent, after the gate's answer: hooks and signing apply, nothing asks at a terminal, and
 * no setting of a repository inside the folder starts a program. Never throws; `signal` ends it.
 */
export function gitAsPerson(place: PersonalGit, args: string[], signal: AbortSignal): Promise<GitResult> {
  const { gitDir, workTree, folder, environment, hooks } = place;
  const safe = [
    ...['core.fsmonitor=false', 'submodule.recurse=false', 'protocol.ext.allow=never', 'core.quotePath=false'],
    // Git would start itself inside a repository that a command made, and obey that one's settings.
    ...['diff.ignoreSubmodules=all', 'status.submoduleSummary=false'],
    ...(hooks ? [] : ['core.hooksPath=/dev/null']),
  ];
  const settings = safe.flatMap((one) => ['-c', one]);
  const quietly = { GIT_TERMINAL_PROMPT: '0', GIT_EDITOR: 'true', GIT_SEQUENCE_EDITOR: 'true', GIT_PAGER: 'cat' };
  const names = { GIT_DIR: gitDir, GIT_WORK_TREE: workTree };
  return runAsUser(
    ['-C', folder, ...settings, ...args],
    { ...withoutOurCaller(environment), ...quietly, ...names },
    signal,
  );
}

/** Variables of git that say who the person is, where their settings lie and how their network is reached. */
const ofPerson =
  /^GIT_(?:CONFIG_GLOBAL|CONFIG_SYSTEM|CONFIG_NOSYSTEM|(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL)|SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS)$/;

/**
 * The environment without what a git that started us (a hook, an alias, `rebase --exec`) or a shell has set about a place,
 * an index, a date or the meaning of paths: a git finds the repository that it is told, and no other.
 */
function withoutOurCaller(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('GIT_') || ofPerson.test(name)),
  );
}

function runAsUser(args: string[], environment: Record<string, string>, signal?: AbortSignal): Promise<GitResult> {
  const { promise, resolve } = Promise.withResolvers<GitResult>();
  const child = spawn('git', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], ...(signal && { signal }) });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const end = (code: number, words: string) => {
    const bytes = Buffer.concat(output);
    resolve({ code, bytes, stdout: bytes.toString(), stderr: words || Buffer.concat(errors).toString() });
  };
  child.on('error', (error) => end(128, error.message));
  child.on('close', (code) => end(code ?? 128, ''));
  return promise;
}
