import { join } from 'node:path';

/** The first tree of a run. */
export const firstTree = 't1';

/** Home and temporary folder of the hands on the tree called `tree`, below the run's folder for homes. Pure. */
export function privateHome(homes: string, tree: string): { home: string; temporary: string } {
  const home = join(homes, tree);
  return { home, temporary: join(home, 'tmp') };
}
