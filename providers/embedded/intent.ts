/**
 * Intent: a plain-English sentence as the embedded model understands it. Four kinds of mechanical change; everything
 * else is `unsupported`, with a hint where the sentence was nearly understood.
 */
export type Intent = RenameIntent | RewriteIntent | ImportIntent | MoveIntent;
export type Unsupported = { kind: 'unsupported'; hint?: string };

/** Where a symbol is declared. Lines and columns count from 1. */
export type DeclarationSite = { path: string; line?: number; column?: number };

/** `name` may be `Class.member`; `symbolKind` is the person's word for it ("method", "interface"). */
export type RenameIntent = {
  kind: 'rename';
  name: string;
  newName: string;
  symbolKind?: string;
  at?: DeclarationSite;
  /** Further declarations that are renamed with it: their places, or their names as `Class.member`. */
  also?: (string | DeclarationSite)[];
} & IntentOptions;
/** `text`: strings, comments and documents too; `takeUnplaced`: places that cannot be decided too. */
export type IntentOptions = { text?: true; takeUnplaced?: true };
/** `paths` are files, folders or globs; empty means everywhere. */
export type RewriteIntent = { kind: 'rewrite'; pattern: string; rewrite: string; language?: string; paths: string[] };
/** `renames` are the specifiers with another name in the new source: `[old, new]`. */
export type ImportIntent = { kind: 'import'; from: string; to: string; renames: [string, string][]; paths: string[] };
/**
 * Both are POSIX paths relative to the repository's top; `from` may end with `/*`: everything in a folder. `holder` is the
 * person's word for the thing that moves.
 */
export type MoveIntent = { kind: 'move'; from: string; to: string; holder?: 'file' | 'module' | 'folder' };
