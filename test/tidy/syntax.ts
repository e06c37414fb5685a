import { Lang, parse, type SgNode } from '@ast-grep/napi';
import { type Source, sources } from './sources.ts';

/** The sources with their syntax trees, for rules that regular expressions cannot keep. */
export type Parsed = Source & { tree: SgNode };

export function parsedSources(): Parsed[] {
  return sources().map((source) => ({ ...source, tree: parse(Lang.TypeScript, source.text).root() }));
}

/** All nodes of these kinds, outer ones first. Kinds are those of tree-sitter's grammar of TypeScript. */
export function nodesOf(tree: SgNode, kinds: string[]): SgNode[] {
  return tree.findAll({ rule: { any: kinds.map((kind) => ({ kind })) } });
}

/** How often each name stands in a list, sorted by name: what a list of exceptions is held against. */
export function tally(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
