import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The real path of a program in the folders of a PATH; undefined when none of them has it. */
export function findProgram(program: string, searchPath: string[]): string | undefined {
  for (const folder of searchPath) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return realpathSync(path);
    } catch {
      // Not in this folder: try the next one.
    }
  }
  return undefined;
}

export function isInstalled(program: string, searchPath: string[]): boolean {
  return findProgram(program, searchPath) !== undefined;
}
