import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { repositoryText } from '../../git/repository-file.ts';

const manifest = z.object({
  name: z.optional(z.string()),
  main: z.optional(z.string()),
  module: z.optional(z.string()),
  types: z.optional(z.string()),
});

/**
 * Warns of workspace packages whose entry is built: the file is in the checkout, but not in the commit. Another
 * package's check cannot load them in a tree until a set-up command builds them. A build of the checkout is never
 * linked: it is made from other source. `folders` are relative; '' is the top, whose tests may load what it builds.
 */
export function unbuiltWarnings(checkout: string, tree: string, folders: string[]): string[] {
  const unbuilt = folders.flatMap((folder) => {
    const entry = entriesOf(join(tree, folder, 'package.json')).find((path) => isMissing(folder, path));
    return entry === undefined ? [] : [join(folder, entry)];
  });
  function isMissing(folder: string, path: string): boolean {
    return existsSync(join(checkout, folder, path)) && !existsSync(join(tree, folder, path));
  }
  if (unbuilt.length === 0) return [];
  const shown = unbuilt.slice(0, 3).join(', ') + (unbuilt.length > 3 ? ` and ${unbuilt.length - 3} more` : '');
  return [
    `Built entries of packages are not in the commit: ${shown}. Checks that need them want a set-up command, such as setup.commands = ["npm run build"] in agents.toml.`,
  ];
}

function entriesOf(path: string): string[] {
  try {
    const { name, main, module, types } = manifest.parse(JSON.parse(repositoryText(path) ?? ''));
    return name === undefined ? [] : [main, module, types].filter((entry) => entry !== undefined);
  } catch {
    // Broken: each tool that imports the package reports that itself.
    return [];
  }
}
