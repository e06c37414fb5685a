import { matchImport, matchRewrite } from './grammar-code.ts';
import { matchMove } from './grammar-moves.ts';
import { matchRename } from './grammar-names.ts';
import { readOptions } from './grammar-options.ts';
import type { Intent, Unsupported } from './intent.ts';
import { type Shielded, shield } from './quoting.ts';

/**
 * Understands one goal, or one task's prompt. Every word must be understood: a sentence with a remainder is
 * unsupported, because doing half of what was asked would look like all of it. Never throws.
 */
export function parseGoal(goal: string): Intent | Unsupported {
  if (/[\uE000-\uF8FF]/.test(goal)) return { kind: 'unsupported', hint: 'The goal holds private-use characters.' };
  const shielded = withoutFillers(shield(goal.trim()));
  for (const match of [matchImport, matchMove, matchRename, matchRewrite]) {
    const found = match(shielded);
    if (found) return found;
  }
  return withOptions(shielded) ?? { kind: 'unsupported', ...hintFor(shielded.text) };
}

/** A rename whose last words ask for texts or undecided places as well. */
function withOptions(shielded: Shielded): Intent | Unsupported | undefined {
  const { text, options } = readOptions(shielded.text);
  if (text === shielded.text) return undefined;
  const rest = withoutFillers({ text, pieces: shielded.pieces });
  const found = matchRename(rest);
  if (found?.kind === 'rename') return { ...found, ...options };
  const isOther = [matchImport, matchMove, matchRewrite].some((match) => match(rest));
  return isOther ? { kind: 'unsupported', hint: 'Only a rename takes texts and undecided places too.' } : found;
}

const hints: [RegExp, string][] = [
  [/^rename /i, 'A rename is one old and one new name; name the file where the symbol is declared if need be.'],
  [
    /^(?:move|relocate|mv|git mv) /i,
    'Only whole modules can be moved: one old and one new path, as in "move src/a.ts to src/b.ts".',
  ],
  [/^(?:replace|rewrite|convert|turn|change) /i, 'Put the code pattern and its replacement between backticks.'],
];

function hintFor(text: string): { hint?: string } {
  const found = hints.find(([verb]) => verb.test(text));
  return found ? { hint: found[1] } : {};
}

const whole = '(?:the |this |our |my )?(?:whole |entire |complete )?';
const place = '(?:repository|repositories|repo|code ?base|project|workspace|monorepo|source tree|source code)';
const uses = '(?:uses|usages|references|imports|importers|callers|calls|call sites|occurrences)';

/** Words at the ends of a sentence that ask for nothing more than the four kinds do anyway. */
const leading = [
  /^(?:goal|task|todo)\s*:\s*/i,
  /^(?:please|kindly|now|then|just|hey|hi|hello|ok|okay|vtcode)\b[\s,!:]*/i,
  /^(?:can|could|would|will) you (?:please )?/i,
  /^(?:i|we) (?:want|need|would like|wish)(?: you)? to\s+/i,
  /^(?:i'd|we'd) like(?: you)? to\s+/i,
  /^let'?s\s+/i,
  /^(?:in|across|throughout) (?:the |this |our )?(?:whole |entire )?(?:repository|repo|code ?base|project)\s*,\s*/i,
];
const trailing = [
  // "to ." names the top folder.
  /(?<!\s(?:to|into|under|inside|in) ?\.*)[\s.!?;,]+$/i,
  /[\s,]+(?:please|thanks|thank you|everywhere|globally|safely|semantically|for me|consistently|repo-wide|accordingly)$/i,
  new RegExp(`[\\s,]+(?:across|throughout|in|within|over|all over) ${whole}${place}$`, 'i'),
  /[\s,]+(?:across|in|throughout|through) (?:all|every)(?: of)?(?: the)?(?: source)? files?$/i,
  /[\s,]+(?:across|in|throughout) all (?:the )?(?:packages|modules|workspaces)$/i,
  new RegExp(
    `[\\s,]+(?:(?:(?:and )?(?:then|also)|and) (?:update|fix|adjust|change|rename|correct)|(?:while )?(?:updat|fix|adjust|chang|renam|correct)ing) (?:all |every )?(?:of )?(?:its |the |their )?${uses}(?: (?:of|to) it| to match)?$`,
    'i',
  ),
  new RegExp(
    `[\\s,]+(?:and|including|with|along with) (?:all |every )?(?:of )?(?:its |the |their )?${uses}(?: of it)?$`,
    'i',
  ),
];

function withoutFillers(shielded: Shielded): Shielded {
  let text = shielded.text.replace(/\s+/g, ' ').trim();
  for (let before = ''; before !== text; ) {
    before = text;
    for (const filler of [...leading, ...trailing]) text = text.replace(filler, '') || text;
  }
  return { text, pieces: shielded.pieces };
}
