import type { PlaceArguments } from '../contracts/location-arguments.ts';
import type { Prepare } from '../contracts/tool.ts';
import { codeSession, placeIn } from './code-session.ts';
import { shown } from './location-text.ts';

export const prepare: Prepare<PlaceArguments> = async (parsed, context) => {
  const session = await codeSession(context, 'whole');
  const place = placeIn(session, parsed);
  if (place === undefined)
    return { text: `${parsed.path} has no line ${parsed.line}, or is no source file.`, isError: true };
  const found = await session.definitions(place);
  if (found.length === 0) return { text: 'Nothing is declared for this place. Point at an identifier, or use search.' };
  return { text: found.map((one) => shown(session, one)).join('\n') };
};
