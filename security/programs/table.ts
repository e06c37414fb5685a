import { isSystemProgram } from '../paths/system-folders.ts';
import { archives } from './archives.ts';
import { files } from './files.ts';
import { git } from './git.ts';
import { httpClients } from './http-clients.ts';
import { languages } from './languages.ts';
import type { Program } from './look.ts';
import { network } from './network.ts';
import { nodePrograms } from './node.ts';
import { scripts } from './scripts.ts';
import { search } from './search.ts';
import { show } from './show.ts';
import { wrappers } from './wrappers.ts';

/** Every program that has a validator. */
const programs = new Map<string, Program>(
  Object.entries({
    ...show,
    ...search,
    ...files,
    ...archives,
    ...scripts,
    ...wrappers,
    ...nodePrograms,
    ...languages,
    ...network,
    ...httpClients,
    git,
  }),
);

/** Where projects keep tools that packages brought. */
const ofTheProject = /^(?!\/)(.*\/)?(node_modules\/\.bin|\.?venv\/bin|vendor\/bin)\/([^/]+)$/;

/** Programs that only show what there is, as long as none of their arguments is objected to. */
const looking = new Set([
  ...[...Object.keys(show), ...Object.keys(search), 'git', 'sed', 'gsed', 'awk', 'gawk', 'mawk', 'nawk', 'jq'],
  ...['xargs', 'env', 'timeout', 'nice', 'time', 'stdbuf', 'sh', 'bash', 'dash', 'cd'],
]);

/**
 * The validator of a program; `runs` is the file that is run when a path was given; `looks`: by its name it only shows
 * the state of things, or runs others that are judged for themselves.
 */
export function findProgram(name: string): {
  name: string;
  program: Program | undefined;
  runs?: string;
  looks: boolean;
} {
  const known = (own: string) => ({ name: own, program: programs.get(own), looks: looking.has(own) });
  if (!name.includes('/')) return known(name);
  if (isSystemProgram(name)) return known(name.slice(name.lastIndexOf('/') + 1));
  const tool = ofTheProject.exec(name)?.[3] ?? /^\.\/(gradlew|mvnw)$/.exec(name)?.[1];
  return { name: tool ?? name, program: tool === undefined ? undefined : programs.get(tool), runs: name, looks: false };
}
