import { posix } from 'node:path';
import { matchesGlob } from '../../ipc/glob.ts';

/** A path as a glob that matches nothing else. In brackets, not behind backslashes, which some matchers take for slashes. */
export function literal(path: string): string {
  return path.replace(/[?*()[\]]/g, '[$&]').replace(/[{}]/g, '?');
}

/** The globs that a person means by a path: a glob as it is, a file, or everything in a folder. */
export function globsFor(path: string): string[] {
  if (/[*?{]/.test(path)) return [path];
  return posix.extname(path) === '' ? [literal(path), `${literal(path)}/**`] : [literal(path)];
}

/** Whether a file is among `paths` as a person means them; no paths mean every file. */
export function isAmong(file: string, paths: string[]): boolean {
  const meant = (path: string) => path === file || globsFor(path).some((glob) => matchesGlob(file, glob));
  return paths.length === 0 || paths.some(meant);
}

/** A moved path; where it may be a folder also all in it, and without an ending the file that it may stand for. */
export function moduleGlobs(path: string): string[] {
  if (path === '.') return [];
  const file = /\.(?:[cm]?[jt]sx?|json|css|md)$/.test(path);
  const own = file ? [literal(path)] : [literal(path), `${literal(path)}/**`];
  return posix.extname(path) === '' ? [...own, `${literal(path)}.*`] : own;
}
