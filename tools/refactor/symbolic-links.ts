import { readdirSync, readlinkSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A symbolic link of the workspace and the path that it leads to, when that is relative. */
export type WorkspaceLink = { path: string; target: string };

/** Beyond this number of folders the search ends: a workspace of that size has its links in node_modules alone. */
const foldersMax = 50_000;

/** The symbolic links of a workspace, outside `.git` and `node_modules`. ripgrep lists none of them. */
export function linksAround(workspace: string): WorkspaceLink[] {
  const found: WorkspaceLink[] = [];
  const open = [''];
  for (let count = 0; open.length > 0 && count < foldersMax; count += 1) {
    const folder = open.pop()!;
    for (const entry of entriesOf(join(workspace, folder))) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules') open.push(path);
      const target = entry.isSymbolicLink() && entry.name !== 'node_modules' ? targetOf(join(workspace, path)) : '';
      if (target !== '' && !target.startsWith('/')) found.push({ path, target: posix.join(folder, target) });
    }
  }
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // unreadable, or gone meanwhile: the move does not touch it
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // gone meanwhile
  }
}
