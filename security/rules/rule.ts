import type { Part } from '../shell/finding.ts';

/**
 * A rule of `policy.commands` names a program and what follows it, word by word. `*` stands for any characters within a
 * word, `**` for any number of words. Further words may follow, unless the rule's last word is `$`; whether a rule names all
 * of them matters where one is a path that only an outright rule may allow.
 */
export const ruleEnd = '$';

const compiled = new Map<string, RegExp>();

/** The first rule that fits one of the ways to write a command; `namesAll`: it names every word of it, none by a lone `*`. */
export function matchRule(rules: string[], candidates: string[][]): { rule: string; namesAll: boolean } | undefined {
  for (const rule of rules)
    for (const words of candidates) {
      // A word may hold spaces of its own, so words are held apart by a character that no line has.
      const match = expressionOf(rule).exec(words.join('\0'));
      if (match) return { rule, namesAll: !match[1] && !/(^|\s)\*(\s|$)/.test(rule) };
    }
  return undefined;
}

/** The ways to write a command: its words as written and normalised; a program given by its path, by its name too. */
export function namesOf({ words, canonical }: Pick<Part, 'words' | 'canonical'>): string[][] {
  const [name = '', ...rest] = words;
  if (canonical === words)
    return name.includes('/') ? [words, [name.slice(name.lastIndexOf('/') + 1), ...rest]] : [words];
  return [words, canonical];
}

function expressionOf(rule: string): RegExp {
  const known = compiled.get(rule);
  if (known) return known;
  const all = rule.trim().split(/\s+/);
  const isWhole = all.at(-1) === ruleEnd;
  const words = isWhole ? all.slice(0, -1) : all;
  const source = words.map((word, at) => {
    if (word === '**') return at === 0 ? '[^\\0]*(?:\\0[^\\0]*)*' : '(?:\\0[^\\0]*)*';
    const inner = word
      .split('*')
      .map((piece) => piece.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'))
      .join('[^\\0]*');
    return (at === 0 ? '' : '\\0') + inner;
  });
  const expression = new RegExp(`^${source.join('')}${isWhole ? '' : '(\\0[\\s\\S]*)?'}$`);
  if (compiled.size > 1000) compiled.clear();
  compiled.set(rule, expression);
  return expression;
}

/** The mistake in the text of a rule, for a person; null: the rule is fine. */
export function ruleMistake(rule: string, kind: 'allow' | 'ask' | 'deny'): string | null {
  const words = rule.trim().split(/\s+/);
  if (rule.trim() === '') return 'a rule names a program, and this one is empty';
  if (/[;&|<>`$"'\\\p{Cc}]/u.test(rule.replace(/(?<=\S)\s+\$\s*$/, '')))
    return `'${rule}' is a shell line; a rule is words, without quotes or signs of the shell, * stands for what a word may hold, and a last word $ for the end`;
  if (words.some((word) => word.includes('**') && word !== '**'))
    return `in '${rule}', ** stands for whole words, so it stands alone`;
  if (kind === 'allow' && words[0]?.includes('*')) return `'${rule}' names no program, so it would allow every one`;
  return null;
}
