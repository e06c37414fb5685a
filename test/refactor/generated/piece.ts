/**
 * Pieces of repositories with a known answer. Between « and » stands the name that is renamed: T where it is renamed, O where
 * it stays, `T as O` where an import keeps its local name, `T: O` and `O: T` where one word was two names; `O?T` where
 * either is right. `M` is the
 * specifier of the module that declares the symbol.
 */
export type Piece = {
  name: string;
  ending: string;
  text: string;
  /** The rename may stop and name places of this piece: they cannot be decided. */
  parks?: boolean;
  /** A file that uses the piece: its specifier is `M` there. */
  users?: Piece[];
};
export type Family = {
  name: string;
  /** The symbol as the goal names it, with `T` for its own name. */
  symbol: string;
  names: string[];
  /** New names, where any will not do: an element in lower case is one of HTML. */
  fresh?: string[];
  /** Ways to declare it. */
  declared: Piece[];
  uses: Piece[];
  /** Plain CommonJS without TypeScript's configuration. */
  isScript: boolean;
  /** Where the symbol is declared, when not anywhere, and the files around it: one of these sets. */
  fixed?: { at: string; sets: Record<string, string>[] };
};

export const piece = (name: string, text: string, more: Partial<Piece> = {}): Piece => ({
  name,
  ending: '.ts',
  text,
  ...more,
});

/** TypeScript reads it, the syntax parser does not: it takes `using` for the keyword. */
export const unparsed = 'const using: number[] = [1];\nusing.some(Boolean);\nusing.filter((one) => one > 1);\n';
export const texts = '// «O» in a comment, and `«O»`\nexport const said = \'«O»\' + "«O»" + `«O»`;\n';
