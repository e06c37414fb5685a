import { posix } from 'node:path';
import { callAround, isWhole, stringsInside } from '../code/import-specifiers.ts';
import { enclosing, endOf, isSame, kindOf, type Node, startOf, tree } from '../code/syntax.ts';
import type { TextEdit, TextFile } from '../files/text-file.ts';
import { type Move, relativePath } from './move-plan.ts';

/**
 * Paths that code builds from its own place: `join(__dirname, 'x')`, an import of './locales/' and a name, a glob of
 * './pages/'. Where the beginning is known it keeps leading where it led; any other that may break is told.
 */
export type OwnPaths = { edits: TextEdit[]; unplaced: { offset: number; reason: string }[] };

export function ownPaths(file: TextFile, move: Move): OwnPaths {
  const found: OwnPaths = { edits: [], unplaced: [] };
  if (!/__dirname|__filename|import\.meta|import\s*\(|require|URL/.test(file.text)) return found;
  const root = tree(file);
  if (/\$\{|import\.meta\.glob|ontext\(/.test(file.text)) {
    const strings = stringsInside(['string', 'template_string'], ['arguments', 'array', 'sequence_expression']);
    for (const node of root.findAll({ rule: { any: strings } })) fromBeginning(file, node, move, found);
  }
  if (!/__dirname|__filename|import\.meta/.test(file.text)) return found;
  const names = ['__dirname', '__filename', ...ownNames(root)].map((name) => name.replaceAll('$', '\\$'));
  const places = [
    { kind: 'identifier', regex: `^(?:${names.join('|')})$` },
    { kind: 'member_expression', regex: '^import\\.meta\\.(?:url|dirname|filename)$' },
  ];
  for (const node of root.findAll({ rule: { any: places } })) {
    if (!isHarmless(file, node)) fromPlace(file, node, move, found);
  }
  return found;
}

const folderCalls = /^(?:require\.context|import\.meta\.webpackContext)$/;
const globCalls = /^import\.meta\.glob(?:Eager)?$/;
const pathCalls = /^(?:import|require|require\.resolve|import\.meta\.resolve|URL)$/;

/** A path of which only the beginning is known: the folder that it names is kept. */
function fromBeginning(file: TextFile, node: Node, move: Move, found: OwnPaths): void {
  const list = kindOf(node.parent()) === 'array' ? node.parent() : undefined;
  const call = callAround(file, list ?? node);
  if (call === undefined || (call.isNew && !call.behind.includes('import.meta.url'))) return;
  const isFolder = folderCalls.test(call.callee);
  if (!isFolder && !globCalls.test(call.callee) && !(pathCalls.test(call.callee) && !isWhole(node))) return;
  const quoted = node.text().slice(1, -1);
  const written = quoted.replace(/^!/, '');
  const start = endOf(node) - 1 - written.length;
  const beginning = written.slice(0, written.search(/\$\{|[*?{[(]|$/));
  const known = isFolder ? written : beginning.slice(0, beginning.lastIndexOf('/') + 1);
  if (!/^\.\.?(?:\/|$)/.test(known)) return;
  const from = posix.dirname(file.path);
  const folder = posix.join(from, known).replace(/(?<=.)\/$/, '');
  if (!move.has(folder) && mayMeanMoved(written, isFolder, file.path, move)) {
    found.unplaced.push({ offset: start, reason: `'${written}' is completed at run time, and may lead to what moves` });
    return;
  }
  const text = relativePath(posix.dirname(move.placeOf(file.path)), move.placeOf(folder));
  if (text === relativePath(from, folder)) return;
  found.edits.push({ start, end: start + known.length, text: text + (known.endsWith('/') ? '/' : '') });
}

/** Whether a path that is completed at run time may be that of a moved file. */
function mayMeanMoved(written: string, isFolder: boolean, file: string, move: Move): boolean {
  const parts = isFolder ? [`${written}/`, ''] : written.split(/(\$\{[^}]*\}|\*+|\?|\{[^}]*\}|\([^)]*\))/);
  // A star of a glob stays within a folder; any other text may have slashes, but does not lead upwards.
  const escaped = parts.map((part, at) => {
    if (at % 2 === 1) return part === '*' || part === '?' ? '[^/]*' : '(?:(?!\\.\\./).)*';
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  const pattern = new RegExp(`^${escaped.join('')}(?:\\.\\w+|/index\\.\\w+)?$`);
  return [...move.files.keys()].some((path) => path !== file && pattern.test(relativePath(posix.dirname(file), path)));
}

const ownFolder =
  /^(?:\w+\.)?dirname\((?:\w+\.)?fileURLToPath\(import\.meta\.url\)\)$|^import\.meta\.dirname$|^__dirname$/;

/** Variables that hold the file's own folder. */
function ownNames(root: Node): string[] {
  return root
    .findAll({ rule: { kind: 'variable_declarator' } })
    .filter((node) => ownFolder.test(node.field('value')?.text() ?? ''))
    .map((node) => node.field('name')?.text() ?? '')
    .filter((name) => /^[\w$]+$/.test(name));
}

/** Uses of a file's own place that mean the same wherever it lies, or that are looked at elsewhere. */
function isHarmless(file: TextFile, node: Node): boolean {
  const parent = node.parent();
  const variable = enclosing(node, ['variable_declarator']);
  if (isSame(variable?.field('name'), node)) return true;
  const value = variable?.field('value')?.text() ?? '';
  if (ownFolder.test(value) || /^__(?:dirname|filename)$/.test(variable?.field('name')?.text() ?? '')) return true;
  if (/(?:^|\.)createRequire$/.test(callAround(file, node)?.callee ?? '')) return true;
  const compared = enclosing(node, ['binary_expression']);
  if (/^[!=]==?$/.test(compared?.field('operator')?.text() ?? '')) return true;
  // `new URL('./x', import.meta.url)`: the string before it says where it leads.
  const first = kindOf(parent) === 'arguments' ? parent!.children().find((one) => one.isNamed()) : undefined;
  return first !== undefined && !isSame(first, node) && /string$/.test(kindOf(first));
}

/** A use of the file's own place, with the strings that are joined to it. */
function fromPlace(file: TextFile, node: Node, move: Move, found: OwnPaths): void {
  const [from, to] = [posix.dirname(file.path), posix.dirname(move.placeOf(file.path))];
  const { literals, isAll } = joined(node);
  const [first] = literals;
  if (first === undefined) {
    if (from !== to) found.unplaced.push({ offset: startOf(node), reason: 'uses the place of this file, which moves' });
    return;
  }
  // One join: '/../x' alone would be taken for a path from the root.
  const target = posix.join(from, ...literals.map(textOf));
  const isPartly = !isAll && !move.has(target) && [...move.files.keys()].some((one) => one.startsWith(`${target}/`));
  const text = posix.relative(to, move.placeOf(target)) || '.';
  if (!isPartly && text === (posix.relative(from, target) || '.')) return;
  const pieces = isPartly || literals.length === 1 ? undefined : rejoined(file, literals, text);
  if (pieces !== undefined) {
    found.edits.push({ start: startOf(first), end: endOf(literals.at(-1)!), text: pieces });
    return;
  }
  if (isPartly || literals.length > 1) {
    found.unplaced.push({ offset: startOf(node), reason: `leads to ${target} from where the file lies now` });
    return;
  }
  const before = /^\.?\//.exec(textOf(first))?.[0] ?? '';
  found.edits.push({
    start: startOf(first) + 1,
    end: endOf(first) - 1,
    text: (text.startsWith('.') && before === './' ? '' : before) + text,
  });
}

/**
 * A path as several strings, as the old one was: each keeps its number of names where that is possible, else each name is
 * a string. undefined: other things stand between the strings.
 */
function rejoined({ text }: TextFile, literals: readonly Node[], path: string): string | undefined {
  const gaps = literals.slice(1).map((one, index) => text.slice(endOf(literals[index]!), startOf(one)));
  const gap = gaps[0] ?? '';
  if (gaps.some((one) => !/^\s*,\s*$/.test(one))) return undefined;
  const names = path.split('/');
  const sizes = literals.map(
    (one) =>
      textOf(one)
        .replace(/^\.\/|\/$/g, '')
        .split('/').length,
  );
  const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((sum, one) => sum + one, 0));
  const isSame = ends.at(-1) === names.length;
  const parts = isSame ? ends.map((end, index) => names.slice(end - sizes[index]!, end).join('/')) : names;
  const quote = literals[0]!.text()[0]!;
  return parts
    .map((part, index) => (index === 0 ? '' : isSame ? gaps[index - 1] : gap) + quote + part + quote)
    .join('');
}

/** The strings directly behind the place, in `join(__dirname, …)` and `__dirname + '/…'`; none: it is used otherwise. */
function joined(node: Node): { literals: Node[]; isAll: boolean } {
  const none = { literals: [], isAll: false };
  if (/filename$|url$/.test(node.text())) return none;
  const parent = node.parent();
  if (kindOf(parent) === 'binary_expression') {
    const right = isSame(parent!.field('left'), node) ? parent!.field('right') : null;
    const isEnd = kindOf(parent!.parent()) !== 'binary_expression';
    return right && kindOf(right) === 'string' && textOf(right).startsWith('/')
      ? { literals: [right], isAll: isEnd }
      : none;
  }
  const callee = kindOf(parent) === 'arguments' ? (parent!.parent()?.field('function')?.text() ?? '') : '';
  const values = parent?.children().filter((one) => one.isNamed() && kindOf(one) !== 'comment') ?? [];
  if (!/(?:^|\.)(?:join|resolve)$/.test(callee) || !isSame(values[0], node)) return none;
  const rest = values.slice(1);
  const end = rest.findIndex((one) => !/string$/.test(kindOf(one)) || !isWhole(one));
  const literals = end < 0 ? rest : rest.slice(0, end);
  if (/resolve$/.test(callee) && literals.some((one) => textOf(one).startsWith('/'))) return none;
  return { literals, isAll: literals.length === rest.length };
}

const textOf = (node: Node): string => node.text().slice(1, -1);
