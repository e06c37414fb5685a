import type { NamedPlace } from './code-questions.ts';
import type { CodeSession } from './code-session.ts';
import { type Declaration, declarationsIn } from './declarations.ts';
import { isUnparsed } from './syntax.ts';

/**
 * Declarations of a name in a file. Where the syntax parser gives up on a part of the file, what is declared at the top may
 * look local to it, or be lost: then TypeScript's server, which reads more, says what the file declares.
 */
export async function declarationsAt(session: CodeSession, path: string, name: string): Promise<Declaration[]> {
  const file = session.files.read(path);
  if (file === undefined) return [];
  const parsed = declarationsIn(file, name);
  if (!isUnparsed(file)) return parsed;
  const told = (await session.symbols(path)).filter((one) => one.name === name).map((one) => declarationOf(path, one));
  const unknown = parsed.filter(({ offset }) => !told.some((one) => one.offset === offset));
  return [...told, ...unknown];
}

/** The kinds of symbols as the Language Server Protocol numbers them. */
const kinds: Record<number, string> = {
  ...{ 3: 'namespace', 5: 'class', 6: 'method', 7: 'property', 8: 'property', 10: 'enum', 11: 'interface' },
  ...{ 12: 'function', 13: 'variable', 14: 'const', 22: 'enum member', 26: 'type parameter' },
};
const containers = new Set([3, 5, 7, 8, 10, 11, 13, 14]);

function declarationOf(path: string, { offset, kind, above }: NamedPlace): Declaration {
  const isMember = above !== undefined && containers.has(above.kind);
  return {
    path,
    offset,
    kind: kinds[kind] ?? 'symbol',
    level: above === undefined ? 'module' : isMember ? 'member' : 'local',
    container: isMember ? above.name : undefined,
  };
}
