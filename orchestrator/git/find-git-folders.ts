import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Limits of the search, in depth and in folders: a few milliseconds at most. */
const depthMax = 6;
const foldersMax = 5_000;

/**
 * Every `.git`, folder or file, in a person's folder, absolute: its own and those of repositories inside it. The search
 * does not follow links or enter installed packages and unreadable folders.
 */
export function gitPlaces(root: string): string[] {
  const found: string[] = [];
  let left = foldersMax;
  let open = [root];
  for (let depth = 0; depth <= depthMax && open.length > 0; depth += 1) {
    const below: string[] = [];
    for (const folder of open) {
      if (left-- <= 0) return found;
      for (const entry of entriesOf(folder)) {
        if (entry.name.toLowerCase() === '.git') found.push(join(folder, entry.name));
        else if (entry.isDirectory() && entry.name !== 'node_modules') below.push(join(folder, entry.name));
      }
    }
    open = below;
  }
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // gone meanwhile, or unreadable: then no command of ours writes there
  }
}
