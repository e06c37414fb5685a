import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The first tree of a run. */
export const firstTree = 't1';

/** What hands have for themselves. */
export type PrivateFolders = { home: string; temporary: string; outputs: string };

/**
 * The folders of the hands on the tree called `tree`, below the run's folder for homes. Beside each other in a folder that is
 * not theirs: of what lies in one that they write to they could make a link, and the next hands would be let through it. Pure.
 */
export function privateFolders(homes: string, tree: string): PrivateFolders {
  const folder = join(homes, tree);
  return { home: join(folder, 'home'), temporary: join(folder, 'tmp'), outputs: join(folder, 'out') };
}

export function makeFolders(folders: PrivateFolders): PrivateFolders {
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folders;
}
