import { normalize } from 'node:path/posix';
import { isOrdinaryFile } from '../paths/file-endings.ts';
import { mayInstruct } from '../paths/instructing.ts';
import { isSecretPath, mayBeSecretPath } from '../paths/secret-files.ts';
import { holdsPackages, systemAccess } from '../paths/system-folders.ts';
import type { RuleKind } from '../verdict.ts';
import type { Access, Part } from './finding.ts';
import { anything, isLiteral, listed, shown, type Word, wildcard } from './word.ts';

/** A folder that a command may stand in: relative to the work tree's top, or absolute outside; null is not known. */
export type Directory = string | null;

/**
 * The folders that a command may stand in, and the absolute paths that all mean the work tree's top: as it was given,
 * and with links resolved.
 */
export type From = { directories: Directory[]; tops: readonly string[] };

type Whereabouts =
  | { kind: 'inside'; path: string; given: string } // `given`: relative, `..` not yet taken out
  | { kind: 'private' } // /tmp and the like: made for the command and gone with it
  | { kind: 'listed' }
  | { kind: 'system'; files: boolean } // the system's folders: names may be seen, and `files` read
  | { kind: 'outside' }
  | { kind: 'unknown' };

/** Files of /dev that hold no data and reach no process. */
const devices = /^\/dev\/(null|zero|full|urandom|random|stdin|stdout|stderr|tty|fd\/\d+)$/;

/** Folders for temporary files: made for the command and gone with it, or held by the walls. */
const ofTheCommand = /^(\/private|\/var)?\/tmp(\/|$)/;

/** Where a path leads, by its text alone; symbolic links: links.ts. */
export function placeOf(word: Word, directory: Directory, tops: readonly string[]): Whereabouts {
  if (word === listed) return { kind: 'listed' };
  if (word.startsWith('~') && (word.includes(anything) || word.includes(listed))) return { kind: 'outside' };
  if (word.includes(anything) || word.includes(listed)) return { kind: 'unknown' };
  if (word.startsWith('~'))
    return holdsPackages(normalize(word)) ? { kind: 'system', files: true } : { kind: 'outside' };
  // A wildcard after a dot can match `..`.
  if (word.split('/').some((part) => part.startsWith('.') && part.includes(wildcard) && /^\.+\ue000/.test(part)))
    return { kind: 'outside' };
  const own = belowTop(word, tops);
  if (own === null && (word.startsWith('/') || directory?.startsWith('/'))) {
    const path = normalize(word.startsWith('/') ? word : `${directory}/${word}`);
    if (devices.test(path)) return { kind: 'private' };
    if (ofTheCommand.test(path)) return { kind: 'private' };
    const access = systemAccess(path.replace(/(?<=.)\/$/, ''));
    return access === null ? { kind: 'outside' } : { kind: 'system', files: access === 'files' };
  }
  if (own === null && directory === null) return { kind: 'unknown' };
  const given = own ?? (directory ? `${directory}/${word}` : word);
  const path = normalize(given || '.');
  if (path === '..' || path.startsWith('../')) return { kind: 'outside' };
  return { kind: 'inside', path: path.replace(/\/$/, ''), given };
}

/**
 * An absolute path inside the work tree, relative to its top; null for any other. A path that comes there through `..`
 * counts as outside: on the way stand folders of others, and the system goes up from where their links lead.
 */
export function belowTop(path: string, tops: readonly string[]): string | null {
  const plain = path.replace(/\/(\.?\/)+/g, '/');
  for (const top of tops) {
    if (plain === top) return '';
    if (plain.startsWith(`${top}/`)) return plain.slice(top.length + 1).replace(/^\/+/, '');
  }
  return null;
}

/**
 * Where `cd` leads to: a folder inside, a temporary folder or one of the system; null is not known. Where it goes up again two, for shells take the last name off
 * the words, and `cd -P` and other programs go up from where a link has led to.
 */
export function directoriesAt(word: Word, directory: Directory, tops: readonly string[]): Directory[] {
  const place = placeOf(word, directory, tops);
  const outside = word.startsWith('/') || !directory ? word : `${directory}/${word}`;
  const whole = place.kind === 'inside' ? place.given : outside;
  const isElsewhere = place.kind === 'private' || (place.kind === 'system' && !/(^~)|(^|\/)\.\.(\/|$)/.test(word));
  if (isElsewhere && isLiteral(word)) return [normalize(whole)];
  if (place.kind !== 'inside' || !isLiteral(word)) return [null];
  const byWords = place.path === '.' ? '' : place.path;
  return /[^./][^/]*\/+\.\.(\/|$)/.test(whole) ? [byWords, whole.replace(/\/+$/, '')] : [byWords];
}

/** Notes that a command touches a path, and the objections to that. */
export function touch(
  part: Part,
  word: Word,
  access: Access,
  { directories, tops }: From,
  about: 'path' | 'line' = 'path',
  itself = false,
) {
  for (const directory of directories) {
    const place = placeOf(word, directory, tops);
    const path = place.kind === 'inside' ? place.path : word;
    (access === 'write' ? part.writes : part.reads).push(shown(path));
    if (access === 'names') part.names.push(shown(path));
    if (place.kind === 'inside') part.given.push({ path: place.given, access, ...(itself && { itself }) });
    const beyond = (why: string, kind: RuleKind, verdict: 'ask' | 'deny' = 'ask') =>
      part.findings.push({ verdict, risk: 'beyond', why, about, kind });
    const isHeld = place.kind === 'system' && (access === 'names' || (access === 'read' && place.files));
    if (place.kind === 'outside' || (place.kind === 'system' && !isHeld))
      beyond(`${shown(word)} is outside the work tree`, 'outside');
    if (place.kind === 'unknown')
      part.findings.push({
        ...{
          verdict: 'ask',
          why: `where ${shown(word)} leads is known only when it runs`,
          about,
          kind: 'unknown_words',
        },
        risk: access === 'names' || (access === 'read' && endsOrdinary(word)) ? 'contained' : 'beyond',
      });
    if (place.kind === 'listed' && access !== 'names')
      part.findings.push({
        verdict: 'ask',
        risk: 'contained',
        why: 'which files it takes is known only when it runs',
        about,
      });
    if (access !== 'names' && (isLiteral(path) ? isSecretPath(path) : mayBeSecretPath(path, wildcard)))
      part.findings.push({
        ...{ verdict: 'ask', risk: 'beyond', why: `${shown(word)} may hold secrets`, about },
        ...(place.kind === 'inside' && !isLiteral(path) && { pattern: place.given }),
      });
    if (access !== 'write') continue;
    if (inGit(path)) beyond('.git is never written', 'git_folder', 'deny');
    else if (place.kind !== 'inside') continue;
    else if (mayBeGit(path)) beyond(`${shown(word)} may be .git`, 'git_folder');
    else part.findings.push({ verdict: 'ask', risk: 'contained', why: `it writes ${shown(path)}`, about });
  }
}

/** Whether a path of which only the end is known is that of an ordinary file: the walls hold the rest, and keys have other names. */
function endsOrdinary(word: Word): boolean {
  const name = word.slice(word.lastIndexOf('/') + 1);
  return word.includes('/') && isLiteral(name) && isOrdinaryFile(word) && !isSecretPath(name) && !mayInstruct(name);
}

export function inGit(path: string): boolean {
  return path.toLowerCase().split('/').includes('.git');
}

function mayBeGit(path: string): boolean {
  return path
    .split('/')
    .some((part) => part.startsWith('.') && part.includes(wildcard) && /^\.[git]*\ue000/i.test(part));
}
