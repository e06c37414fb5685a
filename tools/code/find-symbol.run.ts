import * as z from 'zod/mini';
import type { FindSymbolArguments } from '../contracts/find-symbol.ts';
import type { Prepare } from '../contracts/tool.ts';
import { workspacePath } from './code-questions.ts';
import { codeSession } from './code-session.ts';
import { cutLines } from './location-text.ts';

const symbolsMax = 50;
const found = z.nullish(
  z.array(
    z.object({
      name: z.string(),
      kind: z.number(),
      containerName: z.nullish(z.string()),
      location: z.object({
        uri: z.string(),
        range: z.object({ start: z.object({ line: z.number(), character: z.number() }) }),
      }),
    }),
  ),
);
/** SymbolKind of the Language Server Protocol, from 1. */
const kinds = (
  'file module namespace package class method property field constructor enum interface function variable constant ' +
  'string number boolean array object key null enum-member struct event operator type-parameter'
).split(' ');

export const prepare: Prepare<FindSymbolArguments> = async ({ query }, context) => {
  const session = await codeSession(context, 'whole');
  const first = session.files.list[0];
  if (first === undefined) return { text: 'There are no TypeScript or JavaScript files here. Use search.' };
  // The server searches the projects it has loaded; a question about any file loads the one over all of them.
  await session.definitions({ path: first, offset: 0 });
  const symbols = found.parse(await session.server.request('workspace/symbol', { query })) ?? [];
  const lines = symbols.flatMap(({ name, kind, containerName, location: { uri, range } }) => {
    const path = workspacePath(context.workspace, uri);
    if (path === undefined || path.includes('node_modules/')) return [];
    const full = containerName ? `${containerName}.${name}` : name;
    return [`${path}:${range.start.line + 1}:${range.start.character + 1} ${kinds[kind - 1] ?? 'symbol'} ${full}`];
  });
  if (lines.length === 0) return { text: `No symbol like ${query}. Try a part of the name, or search for the text.` };
  return { text: cutLines(lines, symbolsMax, 'ask for a longer part of the name') };
};
