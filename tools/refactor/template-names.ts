import type { CodeSession } from '../code/code-session.ts';
import { declarationsIn } from '../code/declarations.ts';
import { type Scripts, scriptsIn } from '../code/script-blocks.ts';
import { identifiers, kindOf, wordOffsets } from '../code/syntax.ts';
import type { TextFile } from '../files/text-file.ts';
import type { Occurrence, RenamedSymbol } from './rename-targets.ts';
import { outer, type Targets } from './rename-targets.ts';

/**
 * Names in a file around its scripts: templates, pages. They are not parsed and never changed.
 *
 * Where such a part uses a name that the scripts import, the import keeps the local name (`{ fresh as old }`) and the part
 * stays right. Any other use that looks like code cannot be decided.
 */
export function placeInTemplates(
  session: CodeSession,
  symbol: RenamedSymbol,
  targets: Targets,
  paths: readonly string[],
): Occurrence[] {
  return paths.flatMap((path) => {
    const file = session.files.read(path);
    const scripts = file && scriptsIn(file);
    if (!file || !scripts) return [];
    const around = aroundScripts(file, scripts, symbol.name);
    const uses = around.filter((offset) => isCodeThere(file.text, offset, symbol.name));
    // Svelte's `$name` reads the store that `name` is.
    const isStore = path.endsWith('.svelte') && wordOffsets(file.text, `$${symbol.name}`).length > 0;
    const isUsed = uses.length > 0 || isStore;
    const kept = symbol.isMember || !isUsed ? 'none' : keepLocalName(file, symbol.name, targets);
    return around.map((offset): Occurrence => {
      const place = { path, offset };
      if (kept === 'kept' || !symbol.isVisibleOutside || (!symbol.isMember && isOwn(file, symbol.name, targets))) {
        return { ...place, placement: uses.includes(offset) ? 'other_symbol' : 'text' };
      }
      if (!uses.includes(offset)) return { ...place, placement: 'text' };
      const reason = 'the part of this file around its scripts is not read';
      return { ...place, placement: 'unplaced', reason };
    });
  });
}

/** Offsets of the name outside the scripts, also in the spelling of an element: `<old-name>` for OldName. */
function aroundScripts({ text }: TextFile, { blocks }: Scripts, name: string): number[] {
  const kebab = name.replace(/(?<=[\p{Ll}\d])\p{Lu}/gu, (letter) => `-${letter}`).toLowerCase();
  // `<old-name>` is OldName or oldName, and Vue's `v-old` is vOld.
  const begin = /^v\p{Lu}/u.test(name) ? '(?:</?|\\s)' : '</?';
  const spelled = kebab.includes('-') ? [...text.matchAll(new RegExp(`${begin}(${kebab})(?![\\w-])`, 'g'))] : [];
  const elements = spelled.map(({ index, 0: whole }) => index + whole.length - kebab.length);
  const offsets = [...wordOffsets(text, name), ...elements];
  return offsets.filter((offset) => !blocks.some(({ start, end }) => start <= offset && offset < end));
}

/** Whether the word stands where a template has code: an element, an attribute, an expression. */
function isCodeThere(text: string, offset: number, name: string): boolean {
  const before = text.slice(0, offset);
  const length = text.startsWith(name, offset) ? name.length : (/^[\w-]+/.exec(text.slice(offset))?.[0].length ?? 0);
  if (/<\/?(?:[\w$]+\.)*$/.test(before)) return true;
  const open = before.lastIndexOf('{');
  const isString = /['"`]$/.test(before) && before.at(-1) === text[offset + length];
  if (open > before.lastIndexOf('}')) return !isStyle(before) && !isString;
  const tag = openTag(before);
  if (tag === undefined) return false;
  // Inside an element: an attribute of that name, or the value of one that holds an expression.
  const value = /([:@#\w.[\]-]+)\s*=\s*(?:"[^"]*|'[^']*)$/.exec(tag);
  if (value) return /^(?:[:@#]|v-|generics?$)/.test(value[1]!);
  return /[\s:@.]$/.test(before) && /^\s*[=\s/>]/.test(text.slice(offset + length));
}

/** An element's beginning up to the end of the text; `>` and `<` inside a quoted value or braces end and begin none. */
const unclosed =
  /^<[A-Za-z/][\w.:-]*(?:[^"'<>{}]|"[^"]*"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\})*(?:"[^"]*|'[^']*|\{[^}]*)?$/;
/** Longer elements are not looked at: data in an attribute. */
const tagMax = 4_000;

/** The text of the element that is open at the end of `before`, from its `<`; undefined: none is. */
function openTag(before: string): string | undefined {
  const from = Math.max(0, before.length - tagMax);
  for (let at = before.lastIndexOf('<'); at >= from; at = at === 0 ? -1 : before.lastIndexOf('<', at - 1)) {
    const text = before.slice(at);
    if (unclosed.test(text)) return text;
  }
  return undefined;
}

/** Whether the scripts have another thing of that name, by a declaration or an import. */
function isOwn(file: TextFile, name: string, targets: Targets): boolean {
  const imports = ['import_specifier', 'import_clause', 'namespace_import'];
  const imported = [...identifiers(file, name)].filter(([, node]) => imports.includes(kindOf(node.parent())));
  const places = [...imported.map(([offset]) => offset), ...declarationsIn(file, name).map(({ offset }) => offset)];
  return places.length > 0 && !places.some((offset) => targets.get({ path: file.path, offset }));
}

const isStyle = (before: string): boolean => before.lastIndexOf('<style') > before.lastIndexOf('</style');

/** Takes back what changes the local name in a file whose template uses it; 'none': the scripts do not import it. */
function keepLocalName(file: TextFile, name: string, targets: Targets): 'kept' | 'none' {
  const nodes = identifiers(file, name);
  const here = targets.all().filter(({ place }) => place.path === file.path);
  const imports = here.filter(({ place }) => {
    const node = nodes.get(place.offset);
    const kind = kindOf(node?.parent());
    return (
      kind === 'import_specifier' ||
      kind === 'import_clause' ||
      kindOf(node) === 'shorthand_property_identifier_pattern'
    );
  });
  if (imports.length === 0) return 'none';
  for (const { place } of here) {
    const node = nodes.get(place.offset);
    const parent = node?.parent();
    const isProperty = ['property_identifier', 'private_property_identifier'].includes(kindOf(node));
    if (!node || isProperty) continue;
    if (kindOf(parent) === 'import_specifier' || kindOf(node) === 'shorthand_property_identifier_pattern') {
      if (!parent?.field('alias')) targets.narrow(place, outer);
    } else targets.narrow(place, 0);
  }
  return 'kept';
}
