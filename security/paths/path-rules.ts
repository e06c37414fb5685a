import type { PathRules } from '../../ipc/config.ts';
import type { Verdict } from '../verdict.ts';
import { inScope, scopesMeet } from './scope.ts';

/**
 * What the user's rules say of a path that a call names: relative to the work tree's top, or absolute. deny > ask > allow;
 * null: nothing. A path with wildcards is held against a rule as another pattern: where both could mean one file, they do.
 */
export function judgePath(path: string, rules: PathRules): Verdict | null {
  const fits = (list: string[]) =>
    list.find((rule) => covers(rule, path) || (/[*?[{…]/.test(path) && scopesMeet([path], [rule])));
  const deny = fits(rules.deny);
  if (deny !== undefined) return { verdict: 'deny', rule: `policy.paths.deny: ${deny}` };
  const ask = fits(rules.ask);
  if (ask !== undefined) return { verdict: 'ask', risk: 'beyond', rule: `policy.paths.ask: ${ask}` };
  const allow = rules.allow.find((rule) => inScope(path, [rule]));
  return allow === undefined ? null : { verdict: 'allow', rule: `policy.paths.allow: ${allow}` };
}

/** A rule without a wildcard names a file, or a folder with all that is in it. */
function covers(rule: string, path: string): boolean {
  const folder = rule.replace(/\/+$/, '');
  return inScope(path, [rule]) || path === folder || path.startsWith(`${folder}/`);
}

/**
 * What the rules say of a path that a command takes as a whole, if it is a folder: what a rule says of all that is in it,
 * and asked when one speaks of something below it. How far the command reaches into it: `itself`, only what is said of the
 * whole counts; `flat`, what lies in it; `deep`, it goes through folders, so that `**` in the middle of a rule counts as
 * well. null: nothing.
 */
export function judgeFolder(path: string, rules: PathRules, reach: 'itself' | 'flat' | 'deep'): Verdict | null {
  const folder = path.replace(/\/+$/, '');
  const whole = (list: string[]) => list.find((rule) => folder !== '.' && covers(rule, `${folder}/x`));
  const deny = whole(rules.deny);
  if (deny !== undefined) return { verdict: 'deny', rule: `policy.paths.deny: ${deny}` };
  const ask = whole(rules.ask);
  if (ask !== undefined) return { verdict: 'ask', risk: 'beyond', rule: `policy.paths.ask: ${ask}` };
  const goesThrough = reach === 'deep' && !sourceFile.test(folder);
  const meets = (rule: string) => isAbove(folder, rule) || (goesThrough && scopesMeet([`${folder}/**`], [rule]));
  const below = reach === 'itself' ? undefined : [...rules.deny, ...rules.ask].find(meets);
  if (below === undefined) return null;
  const where = folder === '.' ? 'the whole tree' : folder;
  return {
    verdict: 'ask',
    risk: 'beyond',
    rule: `${where} may hold what policy.paths names: ${below}`,
  };
}

/** What is a file by its name, and no folder. */
const sourceFile =
  /\.([cm]?[jt]sx?|py|go|rs|java|kt|rb|php|c|cc|cpp|h|cs|swift|vue|svelte|s?css|html|md|json|ya?ml|toml|txt)$/i;

/** Whether a folder is the one in which a rule's wildcards begin, or above it. */
function isAbove(folder: string, rule: string): boolean {
  if (folder === '.') return !rule.startsWith('/');
  const fixed = rule.slice(0, rule.search(/[*?[{]|$/));
  return fixed.startsWith(`${folder}/`);
}
