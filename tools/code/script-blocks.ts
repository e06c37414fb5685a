import type { TextFile } from '../files/text-file.ts';

/**
 * The scripts inside files that are no scripts themselves: `.vue`, `.svelte`, `.astro` and `.mdx`.
 *
 * `text` is the file with everything outside its scripts turned into spaces, so that every offset and every line is that
 * of the file. `path` is the file's with the ending of the scripts' language behind it (`src/a.vue.ts`): under this name a
 * parser or a language server reads the text, and an import of `./a.vue` leads to it.
 */
export type Scripts = { path: string; text: string; blocks: ScriptBlock[] };
export type ScriptBlock = { start: number; end: number };

const markup = /\.(?:vue|svelte|astro|mdx)$/;
const known = new WeakMap<TextFile, Scripts>();

/** undefined: the file is no such file. One without scripts has no blocks. */
export function scriptsIn(file: TextFile): Scripts | undefined {
  const [ending] = markup.exec(file.path) ?? [];
  if (ending === undefined) return undefined;
  const found = known.get(file) ?? scriptsOf(file.path, file.text, ending);
  known.set(file, found);
  return found;
}

/** As `scriptsIn`, for a text that may stand in the file. */
export function scriptsOf(path: string, text: string, ending: string): Scripts {
  const { blocks, language } = ending === '.mdx' ? { blocks: mdxBlocks(text), language: 'tsx' } : tagged(text, ending);
  let blanked = '';
  let from = 0;
  for (const { start, end } of blocks) {
    blanked += blank(text.slice(from, start)) + text.slice(start, end);
    from = end;
  }
  return { path: `${path}.${language}`, text: blanked + blank(text.slice(from)), blocks };
}

const blank = (text: string): string => text.replace(/[^\r\n]/g, ' ');

/** The second alternative is an element without content: `<script src="./a.ts" />`. */
const tag =
  /<!--[\s\S]*?-->|<script\b(?:[^>"']|"[^"]*"|'[^']*')*\/>|<script\b((?:[^>"']|"[^"]*"|'[^']*')*)>([\s\S]*?)<\/script\s*>/gi;
/** A script that a browser or bundler runs, as against data (`application/json`) and templates. */
const isScript = (attributes: string): boolean => {
  const type = /\btype\s*=\s*["']?([^"'\s>]+)/i.exec(attributes)?.[1] ?? 'module';
  return /^(?:module|(?:text|application)\/(?:javascript|typescript|babel|ecmascript)|ts|tsx|jsx)$/i.test(type);
};

/** `<script>` elements, and what stands between the dashes at the top of an `.astro` file. */
function tagged(text: string, ending: string): { blocks: ScriptBlock[]; language: string } {
  const blocks: ScriptBlock[] = [];
  const languages = new Set<string>(ending === '.astro' ? ['ts'] : []);
  const front = ending === '.astro' ? /^\s*---[^\n]*\n([\s\S]*?)^---/m.exec(text) : undefined;
  const body = front?.index === 0 ? front[0].length : 0;
  if (front && body > 0) blocks.push({ start: body - 3 - front[1]!.length, end: body - 3 });
  for (const { index, 0: whole, 1: attributes = '', 2: script } of text.matchAll(tag)) {
    if (script === undefined || index < body || !isScript(attributes)) continue;
    const end = index + whole.lastIndexOf('</');
    blocks.push({ start: end - script.length, end });
    const [, language = 'js'] = /\blang\s*=\s*["']?(\w+)/.exec(attributes) ?? [];
    languages.add(language.replace('typescript', 'ts').replace('javascript', 'js'));
  }
  const found = ['tsx', 'ts', 'jsx'].find((one) => languages.has(one)) ?? 'js';
  return { blocks, language: found };
}

/** The paragraphs that begin with `import` or `export`, outside fenced code. */
function mdxBlocks(text: string): ScriptBlock[] {
  const blocks: ScriptBlock[] = [];
  const piece =
    /^[ \t]*(`{3,}|~{3,})[\s\S]*?^[ \t]*\1[`~]*[ \t]*$|^(?:import|export)\b[\s\S]*?(?=\r?\n[ \t]*\r?\n|(?![\s\S]))/gm;
  for (const { index, 0: whole, 1: fence } of text.matchAll(piece)) {
    if (fence === undefined) blocks.push({ start: index, end: index + whole.length });
  }
  return blocks;
}
