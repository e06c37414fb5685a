import { builtOfTarget, importedFrom } from '../code/built-imports.ts';
import type { CodePosition } from '../code/code-questions.ts';
import type { CodeSession } from '../code/code-session.ts';
import {
  enclosing,
  endOf,
  identifiers,
  isInComment,
  isSame,
  kindOf,
  type Node,
  startOf,
  tree,
} from '../code/syntax.ts';
import { editedText, type TextFile, textFileOf } from '../files/text-file.ts';
import { both, keyOf, type Occurrence, type RenamedSymbol, type Targets } from './rename-targets.ts';

/**
 * Strings that name the symbol: `Omit<T, 'name'>`, `'name' in value`, `spyOn(value, 'name')`. TypeScript's server does not
 * rename them, and leaves no error behind when they stay.
 *
 * The server is asked by a probe: it is shown the file with `(value).name` in place of the string. When that name is
 * declared at a renamed place, so is the string.
 */
type Probe = {
  place: CodePosition;
  /** The node that the probe replaces: the string, or a name that stands for it. */
  file: TextFile;
  node: Node;
  /** Values or types whose member the string may be. */
  owners: string[];
  isType: boolean;
  /** Before the owners: a condition under which they have the member. */
  condition?: string;
  /** Whether a string there always names a member. */
  isSure: boolean;
};

/** A name in more strings than this is a word of everyday use. */
const probesMax = 200;

/** Makes sure strings targets; answers those that may name the symbol, unless a type error proves it. */
export async function placeLiterals(
  session: CodeSession,
  symbol: RenamedSymbol,
  targets: Targets,
  placed: Occurrence[],
): Promise<Occurrence[]> {
  const probes: Probe[] = [];
  for (const occurrence of placed.filter(({ placement }) => placement === 'text')) {
    const file = session.files.read(occurrence.path);
    if (file && !symbol.isMember && isOfModule(session, file, symbol, occurrence, targets)) {
      targets.add(occurrence, both);
      occurrence.placement = 'target';
      continue;
    }
    if (file) probes.push(...(await probesAt(session, file, symbol.name, occurrence)));
  }
  const unsure: Occurrence[] = [];
  for (const probe of probes.slice(0, probesMax)) {
    if (!(await namesTarget(session, symbol, probe, targets))) continue;
    const { path, offset } = probe.place;
    const index = placed.findIndex((one) => keyOf(one) === keyOf(probe.place));
    if (probe.isSure) {
      targets.add(probe.place, both);
      placed[index] = { path, offset, placement: 'target' };
    } else {
      const reason = `this string may name ${probe.owners[0]}.${symbol.name}`;
      unsure.push({ path, offset, placement: 'unplaced', reason });
    }
  }
  return unsure.filter((one) => !targets.get(one));
}

/** `all['name']` of a whole module whose exports the server does not know. */
function isOfModule(
  session: CodeSession,
  file: TextFile,
  { name }: RenamedSymbol,
  { path, offset }: CodePosition,
  targets: Targets,
): boolean {
  const node = strings(file, name).get(offset);
  const specifier = node && kindOf(node.parent()) === 'subscript_expression' ? importedFrom(file, node) : undefined;
  return specifier !== undefined && builtOfTarget(session, { path, specifier, name }, targets) === true;
}

async function probesAt(session: CodeSession, file: TextFile, name: string, place: CodePosition): Promise<Probe[]> {
  const [before, after] = [file.text[place.offset - 1], file.text[place.offset + name.length]];
  if (before !== after || !/['"`]/.test(before ?? '') || isInComment(file, place.offset)) return [];
  const node = strings(file, name).get(place.offset);
  if (node === undefined) return [];
  const made = (more: { owners: string[]; isType: boolean; isSure: boolean }): Probe[] =>
    more.owners.length === 0 ? [] : [{ place: { path: place.path, offset: place.offset }, file, node, ...more }];
  if (kindOf(node.parent()) === 'literal_type') {
    const owners = typeOwners(node);
    if (owners.length > 0) return made({ owners, isType: true, isSure: true });
    return throughAlias(session, node, place);
  }
  const test = node.parent()!;
  const right = isMembership(test, node) ? test.field('right')?.text() : undefined;
  // Only where the test has succeeded does each member of a union have the name.
  if (right !== undefined) {
    const condition = `${test.text()} && `;
    return made({ owners: [right], isType: false, isSure: true }).map((one) => ({ ...one, node: test, condition }));
  }
  return made({ ...valueOwners(node), isType: false });
}

/** The strings of a file that are the name, by the offset of the name. */
function strings(file: TextFile, name: string): Map<number, Node> {
  const regex = `^['"\`]${name.replace(/[$]/g, '\\$')}['"\`]$`;
  const found = tree(file).findAll({ rule: { any: [{ kind: 'string' }, { kind: 'template_string' }], regex } });
  return new Map(found.map((node) => [startOf(node) + 1, node]));
}

/** The other arguments of the generic type that the string is an argument of. */
function typeOwners(node: Node): string[] {
  const list = enclosing(node, ['type_arguments', 'type_alias_declaration', 'statement_block', 'program']);
  if (kindOf(list) !== 'type_arguments') return [];
  const [start, end] = [startOf(node), endOf(node)];
  return list!.children().flatMap((one) => {
    if (!one.isNamed() || (startOf(one) <= start && end <= endOf(one) && kindOf(one) === 'literal_type')) return [];
    const text = one.text().replace(/^keyof\s+/, '');
    return kindOf(one) === 'union_type' && text.includes(node.text()) ? [] : [text];
  });
}

/** `type Keys = 'name' | …`: the places where the alias is an argument beside a type. */
async function throughAlias(session: CodeSession, node: Node, place: CodePosition): Promise<Probe[]> {
  const alias = enclosing(node, ['type_alias_declaration', 'object_type', 'statement_block', 'program']);
  const name = kindOf(alias) === 'type_alias_declaration' ? alias!.field('name') : null;
  if (!name) return [];
  const probes: Probe[] = [];
  for (const use of await session.references({ path: place.path, offset: startOf(name) })) {
    const file = session.files.read(use.path);
    const used = file && identifiers(file, name.text()).get(use.offset);
    const owners = used ? typeOwners(used).filter((text) => text !== name.text()) : [];
    if (file && used && owners.length > 0) {
      probes.push({
        place: { path: place.path, offset: place.offset },
        file,
        node: used,
        owners,
        isType: true,
        isSure: false,
      });
    }
  }
  return probes;
}

/** Calls whose string argument names a member of the argument before it, or of the value that they are called on. */
const naming =
  /(?:^|\.)(?:hasOwn|hasOwnProperty|propertyIsEnumerable|defineProperty|getOwnPropertyDescriptor|deleteProperty|spyOn|stub|spy|replaceProperty|stubProperty)$|^Reflect\.(?:get|set|has)$|\bmock\.(?:method|getter|setter)$/;
const valueKinds = new Set([
  'identifier',
  'member_expression',
  'this',
  'call_expression',
  'non_null_expression',
  'subscript_expression',
]);

/** `'name' in value` */
const isMembership = (test: Node, node: Node): boolean =>
  kindOf(test) === 'binary_expression' && test.field('operator')?.text() === 'in' && isSame(test.field('left'), node);

function valueOwners(node: Node): { owners: string[]; isSure: boolean } {
  const parent = node.parent();
  const list = kindOf(parent) === 'array' ? parent!.parent() : parent;
  const call = kindOf(list) === 'arguments' ? list!.parent() : null;
  if (kindOf(call) !== 'call_expression') return { owners: [], isSure: false };
  const callee = call!.field('function');
  const others = list!.children().filter((one) => valueKinds.has(kindOf(one)));
  const isSure = naming.test(callee?.text() ?? '');
  // An emitter's own names of events (`server.on('close')`) are not its members.
  const receiver = isSure ? callee?.field('object') : undefined;
  const owners = [...others, ...(receiver ? [receiver] : [])].map((one) => one.text());
  return { owners: owners.flatMap((text) => [text, `${text}[0]`]), isSure };
}

/** Whether the member that the probe names is declared at a target. */
async function namesTarget(
  session: CodeSession,
  { name }: RenamedSymbol,
  probe: Probe,
  targets: Targets,
): Promise<boolean> {
  const { file, node, owners, isType } = probe;
  const parts = owners.map((owner) => (isType ? `(${owner})['${name}']` : `(${owner}).${name}`));
  const start = startOf(node);
  const { condition = '' } = probe;
  const text = editedText(file.text, [{ start, end: endOf(node), text: `(${condition}[${parts.join(', ')}])` }]);
  const shown = textFileOf(file.path, text);
  session.show(file.path, text);
  try {
    const questions = session.about({ read: (path) => (path === file.path ? shown : session.files.read(path)) });
    let at = start + condition.length + 2;
    for (const part of parts) {
      const places = await questions.definitions({ path: file.path, offset: at + part.lastIndexOf(name) });
      at += part.length + 2;
      for (const place of places) {
        const shift = text.length - file.text.length;
        const offset = place.path === file.path && place.offset > start ? place.offset - shift : place.offset;
        if (targets.get({ path: place.path, offset })) return true;
      }
    }
    return false;
  } finally {
    session.show(file.path, undefined);
  }
}
