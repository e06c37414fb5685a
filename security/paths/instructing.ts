import { inScope, namesOutright } from './scope.ts';

/** Files by which a repository instructs agents and tools: an agent that changes one gives orders to later agents. */
const files = [
  ...['agents.md', 'claude.md', 'gemini.md', 'skill.md', 'agents.toml'],
  ...['.cursorrules', '.windsurfrules', '.clinerules', '.mcp.json', 'agents.override.md', 'claude.local.md'],
  ...['.gitconfig', 'lefthook.yml', 'lefthook.yaml', '.lefthook.yml', '.gitlab-ci.yml'],
];

/** Folders in which every file instructs. */
const folders = [
  ...['.claude', '.cursor', '.vscode', '.idea', '.devcontainer', '.github', '.husky', '.githooks', '.zed', '.codex'],
  ...['.gemini', '.windsurf', '.clinerules', '.agents', '.circleci', '.lefthook'],
];

/** Whether a file instructs agents or tools, by its name. Case does not count. */
export function instructs(path: string): boolean {
  const parts = path.toLowerCase().split('/');
  return files.includes(parts.at(-1) ?? '') || parts.slice(0, -1).some((part) => folders.includes(part));
}

/**
 * Whether such a file is swept over by a scope rather than meant: no pattern of it names the file outright, or begins in a
 * folder of which everything instructs.
 */
export function isGuarded(path: string, scope: string[]): boolean {
  if (!instructs(path) || namesOutright(path, scope)) return false;
  return !scope.some(
    (pattern) => instructs(`${pattern.slice(0, pattern.search(/[*?[{]|$/))}x`) && inScope(path, [pattern]),
  );
}

/** The same for a path that a command writes: such a folder counts too, and `*` stands for any characters of a name. */
export function mayInstruct(path: string): boolean {
  const parts = path.toLowerCase().split('/');
  return parts.some((part, at) => fitsAny(part, at === parts.length - 1 ? [...files, ...folders] : folders));
}

/** As in every shell, a wildcard at the beginning of a name does not match a dot. */
function fitsAny(part: string, names: string[]): boolean {
  if (!part.includes('*')) return names.includes(part);
  const source = part.split('*').map((piece) => piece.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  const expression = new RegExp(`^${source.join('.*')}$`);
  return names.some((name) => !(part.startsWith('*') && name.startsWith('.')) && expression.test(name));
}
