/**
 * Metavariables in patterns and templates: `$A` one node, `$$$A` any number of nodes, `$_` and `$$$` unnamed. Names are
 * capitals, digits and underscores, so that jQuery's `$` and a `$variable` stay what they are.
 */
export type Metavariable = { name: string; multiple: boolean; start: number; end: number };

export function metavariables(text: string): Metavariable[] {
  return [...text.matchAll(/\$\$\$([A-Z_][A-Z0-9_]*)?|\$([A-Z_][A-Z0-9_]*)/g)].map((match) => ({
    name: match[1] ?? match[2] ?? '',
    multiple: match[0].startsWith('$$$'),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Why the pattern and its template do not go together, or undefined when they do. */
export function templateProblem(pattern: string, template: string): string | undefined {
  const bound = metavariables(pattern).filter((one) => !one.name.startsWith('_') && one.name !== '');
  for (const used of metavariables(template)) {
    const shown = template.slice(used.start, used.end);
    const source = bound.find((one) => one.name === used.name);
    if (!source) return `The replacement uses ${shown}, which the pattern does not capture.`;
    if (source.multiple !== used.multiple) {
      return `${shown} in the replacement must be written as in the pattern: ${pattern.slice(source.start, source.end)}.`;
    }
  }
  return undefined;
}

/** Why ast-grep would silently miss matches of the pattern, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  if (/^\s*\$+[A-Z0-9_]*\s*;?\s*$/.test(pattern)) return `The pattern ${pattern.trim()} would match everything.`;
  // ast-grep ends `$$$A` at the first node that fits what follows; a metavariable fits everything.
  const lazy = /\$\$\$[A-Z0-9_]*\s*,?\s*\$/.exec(pattern);
  return lazy ? `"${lazy[0]}…" would miss places: nothing but fixed code may follow $$$ in a list.` : undefined;
}

/**
 * The longest word of the pattern outside its metavariables: every match contains it, whatever its layout. Empty when
 * the pattern has none.
 */
export function longestWord(pattern: string): string {
  const words =
    pattern.replace(/\$\$\$(?:[A-Z_][A-Z0-9_]*)?|\$[A-Z_][A-Z0-9_]*/g, ' ').match(/[\p{ID_Continue}$]+/gu) ?? [];
  return words.reduce((longest, word) => (word.length > longest.length ? word : longest), '');
}
