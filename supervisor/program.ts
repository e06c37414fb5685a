import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where each program starts in a source checkout; in the built bundle it is `<name>.js` beside the running file. */
const sources = {
  agents: 'agents/main.ts',
  hands: 'tools/program/main.ts',
  reap: 'supervisor/reap.ts',
  cli: 'cli/main.ts',
} as const;

export type ProgramName = keyof typeof sources;

const here = fileURLToPath(import.meta.url);
const isSource = here.endsWith('.ts');

/** Absolute path of one of our programs, to be started with node. */
export function programPath(name: ProgramName): string {
  return isSource ? join(packageFolder(), sources[name]) : join(dirname(here), `${name}.js`);
}

/** Absolute path of the vtcode package: the parent of this file's folder, in a checkout and in a bundle alike. */
export function packageFolder(): string {
  return dirname(dirname(here));
}

/** The folders our programs are loaded from: the package, and the `node_modules` around it when it was installed. */
export function packageFolders(): string[] {
  const parents: string[] = [];
  for (let folder = dirname(packageFolder()); folder !== dirname(folder); folder = dirname(folder))
    if (basename(folder) === 'node_modules') parents.push(folder);
  return [packageFolder(), ...parents];
}
