import { files } from './files.ts';
import { git } from './git.ts';
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
    ...scripts,
    ...wrappers,
    ...nodePrograms,
    ...languages,
    ...network,
    git,
  }),
);

/** Where systems keep their programs: a program there does what its name says. */
const ofTheSystem = /^\/(usr\/)?(local\/)?s?bin\/([^/]+)$/;
/** Where projects keep tools that packages brought. */
const ofTheProject = /^(?!\/)(.*\/)?(node_modules\/\.bin|\.?venv\/bin|vendor\/bin)\/([^/]+)$/;

/** The validator of a program; `runs` is the file that is run when a path was given. */
export function findProgram(name: string): { name: string; program: Program | undefined; runs?: string } {
  if (!name.includes('/')) return { name, program: programs.get(name) };
  const system = ofTheSystem.exec(name)?.[3];
  if (system !== undefined) return { name: system, program: programs.get(system) };
  const tool = ofTheProject.exec(name)?.[3] ?? /^\.\/(gradlew|mvnw)$/.exec(name)?.[1];
  return { name: tool ?? name, program: tool === undefined ? undefined : programs.get(tool), runs: name };
}
