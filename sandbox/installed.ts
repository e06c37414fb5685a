import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Programs that a person installed below their own home folder (nvm, volta, pyenv …): the parts of the home folder that
 * must be readable so that the programs run inside the walls, and no more.
 */
export type InstalledPrograms = { readable: string[]; environment: Record<string, string> };

/** Programs whose real place is looked up; a folder on PATH is readable anyway. */
const programs = [
  ...[
    'node',
    'npm',
    'npx',
    'pnpm',
    'yarn',
    'corepack',
    'bun',
    'deno',
    'python3',
    'python',
    'uv',
    'ruby',
    'go',
    'cargo',
  ],
  ...['rustc', 'java', 'mvn', 'gradle', 'php', 'dotnet', 'git', 'make', 'tsc', 'eslint'],
];

/**
 * Version managers that work through shims: the folder that has to be on PATH, what the shims need to read, and the
 * variable by which they find it once HOME is another one. All relative to the home folder.
 */
const managers: { onPath: string; readable: string[]; variable?: [string, string] }[] = [
  { onPath: '.volta/bin', readable: ['.volta'], variable: ['VOLTA_HOME', '.volta'] },
  { onPath: '.pyenv/shims', readable: ['.pyenv'], variable: ['PYENV_ROOT', '.pyenv'] },
  { onPath: '.rbenv/shims', readable: ['.rbenv'], variable: ['RBENV_ROOT', '.rbenv'] },
  { onPath: '.asdf/shims', readable: ['.asdf'], variable: ['ASDF_DATA_DIR', '.asdf'] },
  {
    onPath: '.cargo/bin',
    readable: ['.rustup', '.cargo/registry', '.cargo/git'],
    variable: ['RUSTUP_HOME', '.rustup'],
  },
  {
    onPath: '.local/share/mise/shims',
    readable: ['.local/share/mise'],
    variable: ['MISE_DATA_DIR', '.local/share/mise'],
  },
  { onPath: '.bun/bin', readable: ['.bun/bin', '.bun/install/global'] },
  { onPath: '.deno/bin', readable: ['.deno/bin'] },
];

/** Folders of a home that hold much besides programs: never readable as a whole. */
const neverWhole = [
  '',
  '.local',
  '.local/share',
  '.config',
  '.cargo',
  '.cache',
  '.ssh',
  '.gnupg',
  '.aws',
  'Library',
  'bin',
];

/** `path` is the PATH that commands will get; `home` the person's own home folder. Reads the disk, writes nothing. */
export function installedPrograms(path: string, home: string): InstalledPrograms {
  const readable = new Set<string>();
  const environment: Record<string, string> = {};
  const folders = path.split(':').filter((folder) => folder.startsWith('/'));
  for (const folder of folders) {
    const real = realPlace(folder);
    if (!real || !isBelow(real, home)) continue;
    readable.add(real);
    for (const name of programs) {
      const program = realPlace(join(folder, name));
      if (program && isBelow(program, home)) readable.add(installationOf(program, home));
    }
  }
  for (const manager of managers) {
    if (!folders.includes(join(home, manager.onPath))) continue;
    for (const name of manager.readable) readable.add(join(home, name));
    if (manager.variable) environment[manager.variable[0]] = join(home, manager.variable[1]);
  }
  const corepack = join(home, '.cache/node/corepack');
  if (existsSync(corepack)) {
    readable.add(corepack);
    environment.COREPACK_HOME = corepack;
  }
  return { readable: [...readable].filter((folder) => existsSync(folder)), environment };
}

/**
 * The installation of a program below a home folder: the folder above `lib/node_modules` or above `bin`; just the
 * program's own folder when that would open too much. Pure.
 */
export function installationOf(program: string, home: string): string {
  const library = program.indexOf('/lib/node_modules/');
  const folder = dirname(program);
  const prefix = library >= 0 ? program.slice(0, library) : basename(folder) === 'bin' ? dirname(folder) : folder;
  const relative = prefix.slice(home.length + 1);
  if (!isBelow(prefix, home) || neverWhole.includes(relative))
    return library >= 0 ? program.slice(0, program.indexOf('/', library + '/lib/node_modules/'.length)) : folder;
  return prefix;
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

function realPlace(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
