import type { ColourCode } from './markdown-blocks.ts';
import { type Line, line, type Style, span } from './text.ts';

/** Code in the colours of its language, by highlight.js. */

/** Longer code, or code with a longer line, is not coloured at once: a grammar may take long over it. In characters. */
const codeMax = 4_000;
const lineMax = 500;

const languages = {
  typescript: () => import('highlight.js/lib/languages/typescript'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  python: () => import('highlight.js/lib/languages/python'),
  go: () => import('highlight.js/lib/languages/go'),
  rust: () => import('highlight.js/lib/languages/rust'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  java: () => import('highlight.js/lib/languages/java'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  swift: () => import('highlight.js/lib/languages/swift'),
  php: () => import('highlight.js/lib/languages/php'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  lua: () => import('highlight.js/lib/languages/lua'),
  bash: () => import('highlight.js/lib/languages/bash'),
  shell: () => import('highlight.js/lib/languages/shell'),
  css: () => import('highlight.js/lib/languages/css'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
  ini: () => import('highlight.js/lib/languages/ini'),
  sql: () => import('highlight.js/lib/languages/sql'),
  diff: () => import('highlight.js/lib/languages/diff'),
  markdown: () => import('highlight.js/lib/languages/markdown'),
  dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
  makefile: () => import('highlight.js/lib/languages/makefile'),
};

/** The style for each name that a grammar gives to code. Code with another name has the style around it. */
const styles: Record<string, Style> = {
  keyword: 'keyword',
  'selector-tag': 'keyword',
  'template-tag': 'keyword',
  built_in: 'accent',
  type: 'accent',
  literal: 'accent',
  number: 'accent',
  symbol: 'accent',
  attr: 'accent',
  attribute: 'accent',
  property: 'accent',
  variable: 'accent',
  meta: 'accent',
  'selector-class': 'accent',
  'selector-id': 'accent',
  string: 'string',
  regexp: 'string',
  char: 'string',
  link: 'string',
  subst: 'plain',
  comment: 'quiet',
  doctag: 'quiet',
  quote: 'quiet',
  title: 'bold',
  section: 'bold',
  name: 'bold',
  strong: 'bold',
  emphasis: 'italic',
  addition: 'added',
  deletion: 'removed',
};

export const plainCode: ColourCode = (code) => code.split('\n').map((text) => line(text));

/** Loads the languages. What it answers throws nothing; each language costs some milliseconds when it is first used. */
export async function loadCodeColours(): Promise<ColourCode> {
  const { default: highlighter } = await import('highlight.js/lib/core');
  for (const [name, load] of Object.entries(languages)) highlighter.registerLanguage(name, (await load()).default);
  return (code, language) => {
    const name = language.toLowerCase().match(/[\w+#-]+/)?.[0] ?? '';
    const isLong = code.length > codeMax || code.split('\n').some((text) => text.length > lineMax);
    if (isLong || highlighter.getLanguage(name) === undefined) return plainCode(code, language);
    try {
      return linesOf(highlighter.highlight(code, { language: name, ignoreIllegals: true }).value);
    } catch {
      return plainCode(code, language);
    }
  };
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" };

/** The highlighter's answer, text with `<span class="hljs-…">` around its parts, as lines. */
function linesOf(html: string): Line[] {
  const lines: Line[] = [[]];
  const within: Style[] = [];
  for (const [, name, end, text] of html.matchAll(/<span class="([^"]*)">|(<\/span>)|([^<]+)/g)) {
    if (end) within.pop();
    else if (text === undefined) within.push(styleOf(name ?? '') ?? within.at(-1) ?? 'plain');
    else
      text.split('\n').forEach((piece, at) => {
        if (at > 0) lines.push([]);
        const read = piece.replace(/&(amp|lt|gt|quot|#x27);/g, (_whole, name) => entities[name] ?? '');
        if (read !== '') lines.at(-1)!.push(span(read, within.at(-1)));
      });
  }
  return lines;
}

/** `hljs-title function_`: the first word says the kind, the others which sort of it. */
function styleOf(names: string): Style | undefined {
  return styles[names.replace('hljs-', '').split(' ')[0] ?? ''];
}
