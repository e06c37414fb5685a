import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../environment/search-path.ts';
import { repositoryText } from '../git/repository-file.ts';

/** Makes the command line that runs a package.json script, at the top or in every package that has it. */
export type ScriptRunner = {
  (script: string): string;
  /** undefined when no program here can run it for this workspace. */
  inPackages(script: string): string | undefined;
};

/**
 * The package manager of a lockfile, if it works without a network; else npm, which runs the scripts of every project.
 * Not corepack's stand-ins, which download, nor Yarn 2 and later, which runs scripts only in a folder that it has
 * installed itself. `CI=1` makes test runners run once and write no snapshots.
 */
export function scriptRunner(tree: string, searchPath: string[]): ScriptRunner {
  const has = (...names: string[]) => names.some((name) => existsSync(join(tree, name)));
  const works = (program: string) => {
    const path = findProgram(program, searchPath);
    return path !== undefined && !path.includes('/corepack/');
  };
  if (has('pnpm-lock.yaml', 'pnpm-workspace.yaml') && works('pnpm')) {
    // Without this pnpm downloads the version that package.json names.
    const pnpm = 'CI=1 npm_config_manage_package_manager_versions=false pnpm';
    const inPackages = (script: string) => `${pnpm} --recursive --if-present run ${script}`;
    return Object.assign((script: string) => `${pnpm} --silent run ${script}`, { inPackages });
  }
  const npmCan = /"workspaces"/.test(readText(join(tree, 'package.json')));
  const byNpm = (script: string) => (npmCan ? `CI=1 npm run --silent --workspaces --if-present ${script}` : undefined);
  if (has('bun.lock', 'bun.lockb') && works('bun')) {
    return Object.assign((script: string) => `CI=1 bun run --silent ${script}`, { inPackages: byNpm });
  }
  const classicYarn =
    has('yarn.lock') &&
    !has('.yarnrc.yml') &&
    !/"packageManager"\s*:\s*"yarn@[2-9]/.test(readText(join(tree, 'package.json')));
  if (classicYarn && works('yarn')) {
    return Object.assign((script: string) => `CI=1 yarn --silent run ${script}`, { inPackages: byNpm });
  }
  return Object.assign((script: string) => `CI=1 npm run --silent ${script}`, { inPackages: byNpm });
}

function readText(path: string): string {
  return repositoryText(path) ?? '';
}
