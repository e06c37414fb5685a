import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The first tree of a run. */
export const firstTree = 't1';

/** The private folders of one pair of hands. */
export type PrivateFolders = { home: string; temporary: string; outputs: string };

/**
 * The folders of the hands on the tree `tree`, below the run's folder for homes. They lie side by side in a folder that
 * the hands cannot write. Inside a folder that they can write, hands could replace one by a link, and the next hands
 * would be let through it. Pure.
 */
export function privateFolders(homes: string, tree: string): PrivateFolders {
  const folder = join(homes, tree);
  return { home: join(folder, 'home'), temporary: join(folder, 'tmp'), outputs: join(folder, 'out') };
}

export function makeFolders(folders: PrivateFolders): PrivateFolders {
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folders;
}
