import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { type ChangeOutcome, changedPaths, type FileChange } from '../../ipc/changes.ts';
import { applyByteEdits, sha256Of } from '../files/bytes.ts';
import { isInside, otherPlace, realPath } from '../files/workspace-path.ts';

/**
 * Applies recorded changes to the work tree. May be repeated after a crash at any point: bytes are compared with what
 * the change says was there before and shall be there after.
 *
 * All changes are checked before the first is written. One impossible change stops the whole call with nothing written.
 * If some changes were done already, this is a recovery: all possible changes are done. Files are replaced whole, by
 * renaming, so no reader sees half a file; a hard link elsewhere keeps the old content. Never throws for one change.
 */
export function applyChanges(changes: FileChange[], workspace: string): ChangeOutcome[] {
  const twice = namedTwice(changes);
  const looks = changes.map((change) => {
    if (changedPaths(change).some((path) => twice.has(path))) return conflict('two changes of one call name it');
    return look(change, workspace);
  });
  const isBlocked = looks.some((found) => found.state === 'conflict');
  const isRecovery = looks.some((found) => found.state === 'already' || (found.state === 'ready' && found.begun));
  return changes.map((change, index): ChangeOutcome => {
    const found = looks[index]!;
    const { path } = change;
    if (found.state === 'already') return { path, outcome: 'already' };
    if (found.state === 'conflict') return { path, outcome: 'conflict', reason: found.reason };
    if (isBlocked && !isRecovery)
      return { path, outcome: 'conflict', reason: 'not written: another change of the same call cannot be made' };
    try {
      found.write();
      return { path, outcome: 'done' };
    } catch (error) {
      return { path, outcome: 'conflict', reason: `could not be written: ${error}` };
    }
  });
}

/** The state of a change on disk. `begun`: a move whose new file is there and whose old one is not gone. */
type Look =
  | { state: 'already' }
  | { state: 'ready'; begun: boolean; write: () => void }
  | { state: 'conflict'; reason: string };

const conflict = (reason: string): Look => ({ state: 'conflict', reason });
const ready = (write: () => void, begun = false): Look => ({ state: 'ready', begun, write });

function look(change: FileChange, workspace: string): Look {
  for (const path of changedPaths(change)) {
    const reason = whyNotOurs(path, workspace);
    if (reason) return conflict(reason);
  }
  const absolute = join(workspace, change.path);
  const current = contentOf(absolute);
  if (current && 'reason' in current) return conflict(current.reason);
  if (change.kind === 'move') return lookAtMove(change, workspace, current);
  if (change.kind === 'create') return lookAtCreate(change, absolute, current);
  if (change.kind === 'delete') {
    if (!current) return { state: 'already' };
    if (current.hash !== change.before) return conflict('it was changed since it was read');
    return ready(() => rmSync(absolute));
  }
  if (!current) return conflict('it does not exist any more');
  if (current.hash === change.after) return { state: 'already' };
  if (current.hash !== change.before) return conflict('it was changed since it was read');
  return lookAtEdits(change, current, (bytes) => replaceFile(absolute, bytes, current.mode));
}

type Content = { bytes: Buffer; hash: string; mode: number; inode: number };

function lookAtCreate(change: FileChange & { kind: 'create' }, absolute: string, current?: Content): Look {
  if (current) return current.hash === change.after ? { state: 'already' } : conflict('another file is there already');
  if (sha256Of(change.content) !== change.after) return conflict('its content is not the one announced');
  const mode = change.executable ? 0o755 : 0o644;
  return ready(() => replaceFile(absolute, Buffer.from(change.content, 'utf8'), mode));
}

function lookAtMove(change: FileChange & { kind: 'move' }, workspace: string, target?: Content): Look {
  const from = join(workspace, change.from);
  const path = join(workspace, change.path);
  const source = contentOf(from);
  if (source && 'reason' in source) return conflict(source.reason);
  if (!source) {
    if (target?.hash === change.after) return { state: 'already' };
    return conflict(target ? 'another file is there already' : `${change.from} does not exist any more`);
  }
  if (source.hash !== change.before) return conflict(`${change.from} was changed since it was read`);
  // A change of case only, where the file system takes both names for one: there is no second file to write beside.
  const isSameFile = target?.inode === source.inode;
  if (target && !isSameFile) {
    if (target.hash !== change.after) return conflict('another file is there already');
    return ready(() => rmSync(from), true);
  }
  return lookAtEdits(change, source, (bytes) => {
    if (isSameFile) renameSync(from, path);
    replaceFile(path, bytes, source.mode);
    if (!isSameFile) rmSync(from);
  });
}

function lookAtEdits(
  change: FileChange & { kind: 'edit' | 'move' },
  current: Content,
  write: (bytes: Buffer) => void,
): Look {
  let after: Buffer;
  try {
    after = applyByteEdits(current.bytes, change.edits, change.encoding);
  } catch (error) {
    return conflict(`its edits do not fit: ${error}`);
  }
  if (sha256Of(after) !== change.after) return conflict('its edits do not give the content announced');
  return ready(() => write(after));
}

/** Content and mode of a regular file; undefined when nothing is there; a reason when it is something else. */
function contentOf(absolute: string): Content | undefined | { reason: string } {
  const found = lstatSync(absolute, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (found.isSymbolicLink()) return { reason: 'it is a symbolic link' };
  if (!found.isFile()) return { reason: 'it is not a regular file' };
  try {
    const bytes = readFileSync(absolute);
    return { bytes, hash: sha256Of(bytes), mode: found.mode & 0o7777, inode: found.ino };
  } catch (error) {
    return { reason: `it cannot be read: ${error}` };
  }
}

/** Why a path must never be written, whether or not a file is there. */
function whyNotOurs(path: string, workspace: string): string | undefined {
  if (path === '' || path.startsWith('/') || normalize(path) !== path || path.split('/').includes('..'))
    return `${JSON.stringify(path)} is not a plain path inside the workspace`;
  if (path.split('/').some(isGitName)) return 'git keeps its own files there';
  const folder = realPath(dirname(join(workspace, path)));
  if (!isInside(folder, realPath(workspace))) return `a symbolic link leads out of the workspace, to ${folder}`;
  const elsewhere = otherPlace(dirname(path), workspace);
  if (elsewhere !== undefined)
    return `its folder is reached through a symbolic link; name the real path: ${join(elsewhere, basename(path))}`;
  return undefined;
}

/** `.git`, and the names that a file system may take for it: in capitals, with invisible characters, its short name. */
function isGitName(name: string): boolean {
  const seen = name.replace(/\p{Default_Ignorable_Code_Point}|\ufeff/gu, '').toLowerCase();
  return seen.replace(/[. ]+$/, '') === '.git' || seen === 'git~1';
}

/** Writes a file beside its place and renames it there. The name is the same each time, so a crash leaves one at most. */
function replaceFile(absolute: string, bytes: Buffer, mode: number): void {
  mkdirSync(dirname(absolute), { recursive: true });
  const nameLength = 16;
  const part = join(dirname(absolute), `.vtcode-${sha256Of(absolute).slice(0, nameLength)}.part`);
  rmSync(part, { force: true });
  const file = openSync(part, 'wx', mode);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  } finally {
    closeSync(file);
  }
  chmodSync(part, mode);
  renameSync(part, absolute);
}

function namedTwice(changes: FileChange[]): Set<string> {
  const seen = new Set<string>();
  return new Set(changes.flatMap(changedPaths).filter((path) => seen.size === seen.add(path).size));
}
