import type { PlaceArguments } from '../contracts/location-arguments.ts';
import type { Prepare } from '../contracts/tool.ts';
import { codeSession, placeIn } from './code-session.ts';
import { cutLines, shown } from './location-text.ts';

const referencesMax = 200;

export const prepare: Prepare<PlaceArguments> = async (parsed, context) => {
  const session = await codeSession(context, 'whole');
  const place = placeIn(session, parsed);
  if (place === undefined)
    return { text: `${parsed.path} has no line ${parsed.line}, or is no source file.`, isError: true };
  const found = await session.references(place);
  if (found.length === 0) return { text: 'No references. Point at an identifier, or use search.' };
  const lines = [...new Set(found.map((one) => shown(session, one)))];
  const files = new Set(found.map(({ path }) => path)).size;
  const text = cutLines(lines, referencesMax, 'use search with a path to see the rest');
  return { text: `${lines.length} references in ${files} files\n${text}` };
};
