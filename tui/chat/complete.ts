import { type Composer, replace } from './composer.ts';
import type { Completion } from './state.ts';

/** Completions of the word at the cursor: files and roles after `@`, commands after `/`. Pure. */
export type Sources = {
  commands: { name: string; about: string }[];
  roles: string[];
  /** Paths relative to the folder, in the order in which they are offered for nothing. */
  files: readonly string[];
};

const itemsMax = 8;

export function complete({ text, at }: Composer, { commands, roles, files }: Sources): Completion | null {
  const before = text.slice(0, at);
  const command = /^\/\w*$/.exec(before)?.[0];
  if (command !== undefined) {
    const found = commands.filter(({ name }) => name.startsWith(command));
    return offer(
      0,
      found.map(({ name, about }) => ({ text: name, about })),
    );
  }
  const wanted = /(?:^|\s)@([^\s@]*)$/.exec(before)?.[1];
  if (wanted === undefined) return null;
  const from = at - wanted.length - 1;
  const agents = from === 0 ? roles.filter((role) => role.startsWith(wanted)) : [];
  return offer(from, [
    ...agents.map((role) => ({ text: `@${role}`, about: 'gives this to another agent' })),
    ...best(wanted, files, itemsMax).map((path) => ({ text: `@${path}`, about: '' })),
  ]);
}

function offer(from: number, items: Completion['items']): Completion | null {
  return items.length === 0 ? null : { from, items: items.slice(0, itemsMax), at: 0 };
}

/** The composer with the chosen completion in it. */
export function accept(composer: Composer, { from, items, at }: Completion): Composer {
  return replace(composer, from, composer.at, `${items[at]?.text ?? ''} `);
}

/** The paths that match best: the typed letters occur in order; whole words and file names come first. */
export function best(wanted: string, paths: readonly string[], most: number): string[] {
  if (wanted === '') return paths.slice(0, most);
  const small = wanted.toLowerCase();
  const found: { path: string; score: number }[] = [];
  for (const path of paths) {
    const score = fitness(small, path);
    if (score === null) continue;
    found.push({ path, score });
  }
  found.sort((a, b) => b.score - a.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1));
  return found.slice(0, most).map(({ path }) => path);
}

/** Higher is better; null: its letters are not in the path in this order. */
function fitness(wanted: string, path: string): number | null {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  if (name === wanted) return 1_000;
  if (name.startsWith(wanted)) return 800;
  if (name.includes(wanted)) return 600;
  if (lower.includes(wanted)) return 400;
  let [score, from] = [0, 0];
  for (const letter of wanted) {
    const at = lower.indexOf(letter, from);
    if (at === -1) return null;
    // Letters that follow each other, and those that words begin with, were meant.
    if (at === from && from > 0) score += 3;
    else if (at === 0 || /[/._-]/.test(lower[at - 1] ?? '') || /[A-Z]/.test(path[at] ?? '')) score += 2;
    from = at + 1;
  }
  return score;
}
