import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { matchesGlob } from '../../ipc/glob.ts';
import { mayInstruct } from '../../security/paths/instructing.ts';
import { isSecretPath } from '../../security/paths/secret-files.ts';

/** Limits of the search, in depth and in folders: a few milliseconds at most. */
const depthMax = 6;
const foldersMax = 5_000;

/**
 * Places of a folder that are guarded, absolute: every `.git`, its own and those of repositories inside it, folder, file
 * or link; files and folders that hold keys, by their names; files and folders that instruct agents and tools; what rules for paths
 * deny.
 */
export type FoundPlaces = { git: string[]; keys: string[]; instructing: string[]; denied: string[] };

/** The search does not follow links or enter installed packages, unreadable folders and what it has found. */
export function findPlaces(root: string, deny: readonly string[] = []): FoundPlaces {
  const found: FoundPlaces = { git: [], keys: [], instructing: [], denied: [] };
  const isDenied = (path: string) =>
    deny.some((rule) => rule === path || matchesGlob(path, rule) || rule === `${path}/**`);
  let left = foldersMax;
  let open = [''];
  for (let depth = 0; depth <= depthMax && open.length > 0; depth += 1) {
    const below: string[] = [];
    for (const folder of open) {
      if (left-- <= 0) return found;
      for (const entry of entriesOf(join(root, folder))) {
        const kind = kindOf(entry.name);
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.name.length === 4 && entry.name.toLowerCase() === '.git') found.git.push(join(root, path));
        else if (deny.length > 0 && isDenied(path)) found.denied.push(join(root, path));
        else if (kind !== 'plain') found[kind].push(join(root, path));
        else if (entry.isDirectory() && entry.name !== 'node_modules') below.push(path);
      }
    }
    open = below;
  }
  return found;
}

/** Kinds of names, because most names come again at every search. */
const kinds = new Map<string, 'keys' | 'instructing' | 'plain'>();
const kindsMax = 100_000;

/** The kind of a file by its name; no folder above it has a name that says anything. */
function kindOf(name: string): 'keys' | 'instructing' | 'plain' {
  const known = kinds.get(name);
  if (known) return known;
  if (kinds.size >= kindsMax) kinds.clear();
  const kind = isSecretPath(name) ? 'keys' : mayInstruct(name) ? 'instructing' : 'plain';
  kinds.set(name, kind);
  return kind;
}

export function gitPlaces(root: string): string[] {
  return findPlaces(root).git;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // gone meanwhile, or unreadable: then no command of ours writes there
  }
}
