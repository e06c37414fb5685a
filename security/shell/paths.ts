import { normalize } from 'node:path/posix';
import { isSecretPath, mayBeSecretPath } from '../paths/secret-files.ts';
import type { Access, Part } from './finding.ts';
import { anything, isLiteral, listed, shown, type Word, wildcard } from './word.ts';

/** A folder that a command may stand in: relative to the work tree's top, or under /tmp; null is not known. */
export type Directory = string | null;

type Whereabouts =
  | { kind: 'inside'; path: string }
  | { kind: 'private' } // /tmp and the like: made for the command and gone with it
  | { kind: 'listed' }
  | { kind: 'outside' }
  | { kind: 'unknown' };

/** Files of /dev that hold no data and reach no process. */
const devices = /^\/dev\/(null|zero|full|urandom|random|stdin|stdout|stderr|tty|fd\/\d+)$/;

/** Where a path leads, by its text alone; symbolic links: links.ts. */
export function placeOf(word: Word, directory: Directory): Whereabouts {
  if (word === listed) return { kind: 'listed' };
  if (word.includes(anything) || word.includes(listed)) return { kind: 'unknown' };
  if (word.startsWith('~')) return { kind: 'outside' };
  // A wildcard after a dot can match `..`.
  if (word.split('/').some((part) => part.startsWith('.') && part.includes(wildcard) && /^\.+\ue000/.test(part)))
    return { kind: 'unknown' };
  const isAbsolute = word.startsWith('/') || directory?.startsWith('/');
  if (isAbsolute) {
    const path = normalize(word.startsWith('/') ? word : `${directory}/${word}`);
    if (devices.test(path)) return { kind: 'private' };
    return path === '/tmp' || path.startsWith('/tmp/') ? { kind: 'private' } : { kind: 'outside' };
  }
  if (directory === null) return { kind: 'unknown' };
  const path = normalize(directory === '' ? word || '.' : `${directory}/${word}`);
  if (path === '..' || path.startsWith('../')) return { kind: 'outside' };
  return { kind: 'inside', path: path.replace(/\/$/, '') };
}

/**
 * Where `cd` leads to: a folder inside or under /tmp, or null. Where it goes up again two, for shells take the last name off
 * the words, and `cd -P` and other programs go up from where a link has led to.
 */
export function directoriesAt(word: Word, directory: Directory): Directory[] {
  const place = placeOf(word, directory);
  const whole = word.startsWith('/') || !directory ? word : `${directory}/${word}`;
  if (place.kind === 'private' && isLiteral(word)) return [normalize(whole)];
  if (place.kind !== 'inside' || !isLiteral(word)) return [null];
  const byWords = place.path === '.' ? '' : place.path;
  return /[^./][^/]*\/+\.\.(\/|$)/.test(whole) ? [byWords, whole.replace(/\/+$/, '')] : [byWords];
}

/** Notes that a command touches a path, and the objections to that. */
export function touch(
  part: Part,
  word: Word,
  access: Access,
  directories: Directory[],
  about: 'path' | 'line' = 'path',
  itself = false,
) {
  for (const directory of directories) {
    const place = placeOf(word, directory);
    const path = place.kind === 'inside' ? place.path : word;
    (access === 'write' ? part.writes : part.reads).push(shown(path));
    if (access === 'names') part.names.push(shown(path));
    if (place.kind === 'inside')
      part.given.push({ path: directory ? `${directory}/${word}` : word, access, ...(itself && { itself }) });
    const beyond = (why: string, verdict: 'ask' | 'deny' = 'ask') =>
      part.findings.push({ verdict, risk: 'beyond', why, about });
    if (place.kind === 'outside') beyond(`${shown(word)} is outside the work tree`);
    if (place.kind === 'unknown') beyond(`where ${shown(word)} leads is known only when it runs`);
    if (place.kind === 'listed' && access !== 'names')
      part.findings.push({
        verdict: 'ask',
        risk: 'contained',
        why: 'which files it takes is known only when it runs',
        about,
      });
    if (access !== 'names' && (isLiteral(path) ? isSecretPath(path) : mayBeSecretPath(path, wildcard)))
      beyond(`${shown(word)} may hold secrets`);
    if (access !== 'write') continue;
    if (inGit(path)) beyond('.git is never written', 'deny');
    else if (place.kind !== 'inside') continue;
    else if (mayBeGit(path)) beyond(`${shown(word)} may be .git`);
    else part.findings.push({ verdict: 'ask', risk: 'contained', why: `it writes ${shown(path)}`, about });
  }
}

export function inGit(path: string): boolean {
  return path.toLowerCase().split('/').includes('.git');
}

function mayBeGit(path: string): boolean {
  return path
    .split('/')
    .some((part) => part.startsWith('.') && part.includes(wildcard) && /^\.[git]*\ue000/i.test(part));
}
