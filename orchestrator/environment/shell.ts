import { findProgram } from './search-path.ts';

/** Folders of the system in which bash stands: never the user's PATH, which may begin inside a work tree. */
const systemFolders = ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/run/current-system/sw/bin'];

/**
 * The shell for the commands of agents: bash, because models write bash, else sh. Checks and set-up keep sh, as the
 * scripts of a project do (docs/decisions/0060-bash.md).
 */
export function shellIn(folders: string[]): string {
  return findProgram('bash', folders) ?? '/bin/sh';
}

let found: string | undefined;

/** `shellIn` of this machine, looked for once. */
export function commandShell(): string {
  found ??= shellIn(systemFolders);
  return found;
}
