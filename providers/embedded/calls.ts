import type { MechanicalReport } from '../../ipc/mechanical.ts';
import { optionWords } from './grammar-options.ts';
import type { DeclarationSite, Intent, RenameIntent } from './intent.ts';
import { globsFor } from './paths.ts';
import { quote } from './quoting.ts';
import type { Step } from './script.ts';

/** The call of the tool that does what the intent says; `dryRun` only looks. */
export function callFor(intent: Intent, dryRun: boolean): Step {
  const rehearsal = dryRun ? { dry_run: true } : {};
  switch (intent.kind) {
    case 'rename':
      return {
        tool: 'rename_symbol',
        arguments: {
          symbol: intent.name,
          to: intent.newName,
          ...(intent.at ? { at: placeText(intent.at) } : {}),
          ...(intent.also ? { also: intent.also.map(alsoText) } : {}),
          ...(intent.text && { text: true }),
          ...(intent.takeUnplaced && { take_unplaced: true }),
          ...rehearsal,
        },
      };
    case 'rewrite': {
      const { pattern, rewrite, language, paths } = intent;
      const narrowed = { ...(language ? { language } : {}), ...(paths.length > 0 ? { paths } : {}) };
      return { tool: 'rewrite_structure', arguments: { pattern, rewrite, ...narrowed, ...rehearsal } };
    }
    case 'import': {
      const rename = intent.renames.length > 0 ? { rename: Object.fromEntries(intent.renames) } : {};
      const paths = intent.paths.length > 0 ? { paths: intent.paths.flatMap(globsFor) } : {};
      return {
        tool: 'change_import',
        arguments: { from: intent.from, to: intent.to, ...rename, ...paths, ...rehearsal },
      };
    }
    case 'move':
      // A slash at the end says that the folder is meant, and not a file of that name.
      return {
        tool: 'move_module',
        arguments: { from: intent.holder === 'folder' ? `${intent.from}/` : intent.from, to: intent.to, ...rehearsal },
      };
  }
}

/** A sentence that `parseGoal` parses into exactly this intent, and that a person may write in a plan file. */
export function sentenceFor(intent: Intent): string {
  switch (intent.kind) {
    case 'rename':
      return `Rename ${namesOf(intent)} to ${quote(intent.newName)}${declaredIn(intent)}${optionWords(intent)}.`;
    case 'rewrite': {
      const language = intent.language ? ` in ${languageTitles[intent.language] ?? intent.language}` : '';
      return `Replace ${ticked(intent.pattern)} by ${ticked(intent.rewrite)}${language}${inPaths(intent.paths)}.`;
    }
    case 'import': {
      const renames = intent.renames.map(([a, b]) => `${quote(a)} to ${quote(b)}`).join(' and ');
      const renaming = renames === '' ? '' : `, renaming ${renames}`;
      return `Change imports of ${quote(intent.from)} to ${quote(intent.to)}${renaming}${inPaths(intent.paths)}.`;
    }
    case 'move':
      return `Move ${intent.holder ? `the ${intent.holder} ` : ''}${quote(intent.from)} to ${quote(intent.to)}.`;
  }
}

/** The fault code that a report without any change stands for; undefined when there is something to do. */
export function codeOf(status: MechanicalReport['status']): string | undefined {
  switch (status) {
    case 'ok':
    case 'unplaced':
      return undefined;
    case 'not_found':
      return 'symbol_not_found';
    case 'ambiguous':
      return 'symbol_ambiguous';
    case 'clash':
      return 'name_clash';
    case 'nothing':
      return 'nothing_to_do';
    case 'refused':
      return 'goal_unsupported';
  }
}

const languageTitles: Record<string, string> = { typescript: 'TypeScript', javascript: 'JavaScript', python: 'Python' };

/** Code always stands between quotes, also where it could not be misread; an empty replacement is "". */
function ticked(code: string): string {
  if (code === '') return '""';
  const quoted = quote(code);
  return quoted === code ? `\`${code}\`` : quoted;
}

const namesOf = ({ name, also = [] }: RenameIntent): string =>
  [name, ...also.filter((one) => typeof one === 'string')].map(quote).join(' and ');

function declaredIn({ at, also = [] }: RenameIntent): string {
  const places = [at, ...also].filter((one) => typeof one === 'object').map((one) => quote(placeText(one)));
  return places.length === 0 ? '' : ` (declared in ${places.join(' and ')})`;
}

const alsoText = (one: string | DeclarationSite): string => (typeof one === 'string' ? one : placeText(one));

/** `path`, `path:line` or `path:line:column`: as the tools take it, and as people write it. */
function placeText({ path, line, column }: DeclarationSite): string {
  return [path, line, column].filter((part) => part !== undefined).join(':');
}

function inPaths(paths: string[]): string {
  if (paths.length === 0) return '';
  const named = paths.map(quote);
  return ` in ${named.length === 1 ? named[0] : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`}`;
}
