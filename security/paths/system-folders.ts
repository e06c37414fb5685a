import { isSecretPath } from './secret-files.ts';

/**
 * Folders outside the work tree that hold programs, libraries and installed packages. The walls let commands read them
 * (sandbox/paths.ts) and write none of them.
 */
const programs =
  /^\/(usr|bin|sbin|lib|lib32|lib64|libx32|opt|nix\/store|gnu\/store|snap|System|Library\/(Frameworks|Developer)|home\/linuxbrew\/\.linuxbrew|run\/current-system)(\/|$)/;

/** Settings of the machine that programs show in every report of a fault. Everything else in /etc may hold secrets. */
const settings =
  /^\/etc\/((os|lsb|[\w-]*redhat|[\w-]*system|alpine|fedora|centos)-release|debian_version|issue(\.net)?|hosts|hostname|resolv\.conf|timezone|localtime|nsswitch\.conf|protocols|services|shells|mime\.types|ld\.so\.[\w.]+(\/.*)?|alternatives(\/.*)?|apt\/sources\.list(\.d\/.*)?|java[\w-]*(\/.*)?|maven(\/m2\.conf)?)$/;

/** Files in which the kernel describes the machine to every process. */
const machine =
  /^\/(proc\/(cpuinfo|meminfo|version|loadavg|uptime|stat|filesystems)|sys\/(devices\/system\/(cpu|node)|fs\/cgroup)(\/[\w.,-]+)*)$/;

/** Packages that tools keep in a home folder, without the files beside them that hold keys. */
const packages = [
  ...['go/pkg/mod', '.cargo/registry', '.cargo/git', '.cargo/bin', '.rustup/toolchains', '.m2/repository'],
  ...['.gradle/caches', '.gradle/wrapper', '.nvm/versions', '.volta/tools', '.pyenv/versions', '.rbenv/versions'],
  ...['.sdkman/candidates', '.local/lib', '.local/share/uv', '.local/share/pipx', '.local/share/pnpm', '.local/pipx'],
  ...['miniconda3', 'anaconda3', 'miniforge3', '.cache/pypoetry/virtualenvs', '.cache/go-build', '.cache/uv'],
  ...[
    '.nuget/packages',
    '.ivy2/cache',
    '.cabal/packages',
    '.stack/programs',
    '.pub-cache',
    '.gem',
    '.bun/install',
    '.deno',
  ],
];

/** The folders of a home (absolute) where tools keep installed packages; they need not exist. */
export function packageFolders(home: string): string[] {
  return packages.map((folder) => `${home}/${folder}`);
}

/** Where only names may be seen: settings, logs and states of the system's programs. */
const seen = /^\/((etc|var|run(?!\/user)|boot)(\/|$)|$)/;

/**
 * The access that a command has to a normalised path outside the work tree without a question: it reads the `files`, or only
 * sees `names`. Null: none.
 */
export function systemAccess(path: string): 'files' | 'names' | null {
  if (isSecretPath(path) || /^\/etc\/(ssl\/private|ssh|sudoers|letsencrypt|wireguard)(\/|$)/.test(path)) return null;
  if (programs.test(path) && !/^\/usr\/local\/etc(\/|$)/.test(path)) return 'files';
  if (settings.test(path) || machine.test(path) || holdsPackages(path)) return 'files';
  return seen.test(path) ? 'names' : null;
}

/** Whether a path, absolute or from `~`, lies in a folder where tools keep installed packages. */
export function holdsPackages(path: string): boolean {
  const inHome = /^(~|\/home\/[^/]+|\/Users\/[^/]+|\/root)\/(.*)$/.exec(path)?.[2];
  return inHome !== undefined && packages.some((folder) => `${inHome}/`.startsWith(`${folder}/`));
}

/** A program that lies in a `bin` of the system does what its name says. */
export function isSystemProgram(path: string): boolean {
  return /\/s?bin\/[^/]+$/.test(path) && systemAccess(path) === 'files';
}
