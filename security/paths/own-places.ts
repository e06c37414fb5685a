import type { Verdict } from '../verdict.ts';

/**
 * Places in a work tree that are more than files of it, relative to its top; each stands for a file, or for a folder with
 * all that is in it. `git`: stores that a `.git` leads to under another name. `vtcode`: its own state and configuration.
 * `personal`: where the folder is the person's home or holds it, what their shells and tools obey.
 */
export type OwnPlaces = { git: readonly string[]; vtcode: readonly string[]; personal: readonly string[] };

export const noPlaces: OwnPlaces = { git: [], vtcode: [], personal: [] };

/** Files and folders of a home that are obeyed by programs or hold keys, relative to it. */
export const personalNames: readonly string[] = [
  ...['.bashrc', '.bash_profile', '.bash_login', '.bash_logout', '.bash_aliases', '.profile', '.inputrc', '.login'],
  ...['.zshrc', '.zshenv', '.zprofile', '.zlogin', '.zlogout', '.kshrc', '.cshrc', '.tcshrc', '.config/fish'],
  ...[
    '.gitconfig',
    '.config/git',
    '.ssh',
    '.gnupg',
    '.aws',
    '.azure',
    '.kube',
    '.docker',
    '.netrc',
    '.npmrc',
    '.yarnrc',
  ],
  ...[
    '.pypirc',
    '.config/pip',
    '.cargo/config',
    '.cargo/config.toml',
    '.config/gh',
    '.config/gcloud',
    '.pam_environment',
  ],
  ...['.vimrc', '.vim', '.config/nvim', '.emacs', '.emacs.d', '.tmux.conf', '.config/tmux', '.screenrc', '.xinitrc'],
  ...['.xprofile', '.xsession', '.config/autostart', '.config/systemd', '.config/environment.d', '.local/bin', 'bin'],
  ...[
    '.local/share/applications',
    '.local/share/systemd',
    '.claude',
    '.codex',
    '.gemini',
    '.config/opencode',
    '.direnvrc',
  ],
  ...['.config/direnv', '.nvmrc', '.gdbinit', '.pythonrc', '.config/mise', '.tool-versions', '.config/containers'],
  ...['Library/LaunchAgents', 'Library/Keychains', '.password-store', '.config/op', '.mozilla', '.thunderbird'],
];

/** The verdict on writing such a place; null: the path lies in none. Case does not count. Pure. */
export function judgePlace(path: string, places: OwnPlaces): Verdict | null {
  const plain = path.toLowerCase();
  const holds = (list: readonly string[]) =>
    list.some((place) => plain === place.toLowerCase() || plain.startsWith(`${place.toLowerCase()}/`));
  if (holds(places.git))
    return { verdict: 'deny', rule: `${path} belongs to git, which is never written`, kind: 'git_folder' };
  if (holds(places.vtcode)) return { verdict: 'deny', rule: `${path} is vtcode's own`, kind: 'instructs' };
  if (!holds(places.personal)) return null;
  const rule = `${path} is obeyed by your shell or tools: the folder is your home, or holds it`;
  return { verdict: 'ask', risk: 'beyond', rule, kind: 'instructs' };
}
