import type { PathRules } from '../../ipc/config.ts';
import type { Verdict } from '../verdict.ts';
import { inScope, scopesMeet } from './scope.ts';

/**
 * The verdict of the user's rules on a path that a call names: relative to the work tree's top, or absolute. deny >
 * ask > allow; null: no rule names it. A path with wildcards meets a rule wherever both patterns could mean one file.
 */
export function judgePath(path: string, rules: PathRules): Verdict | null {
  const fits = (list: string[]) =>
    list.find((rule) => covers(rule, path) || (/[*?[{…]/.test(path) && scopesMeet([path], [rule])));
  const deny = fits(rules.deny);
  if (deny !== undefined) return { verdict: 'deny', rule: `policy.paths.deny: ${deny}`, kind: 'path_rule' };
  const ask = fits(rules.ask);
  if (ask !== undefined) return { verdict: 'ask', risk: 'beyond', rule: `policy.paths.ask: ${ask}`, kind: 'path_rule' };
  const allow = rules.allow.find((rule) => inScope(path, [rule]));
  return allow === undefined ? null : { verdict: 'allow', rule: `policy.paths.allow: ${allow}` };
}

/** A rule without a wildcard names a file, or a folder with all that is in it. */
function covers(rule: string, path: string): boolean {
  const folder = rule.replace(/\/+$/, '');
  return inScope(path, [rule]) || path === folder || path.startsWith(`${folder}/`);
}

/**
 * The verdict of the rules on a folder that a command takes as a whole: that of a rule for all its content, and ask
 * when a rule names a path below it. How far the command reaches in: `itself`, only rules for the whole folder count;
 * `flat`, rules for its entries too; `deep`, it goes through folders, so `**` in the middle of a rule counts as well.
 * null: no rule names it.
 */
export function judgeFolder(path: string, rules: PathRules, reach: 'itself' | 'flat' | 'deep'): Verdict | null {
  const folder = path.replace(/\/+$/, '');
  const whole = (list: string[]) => list.find((rule) => folder !== '.' && covers(rule, `${folder}/x`));
  const deny = whole(rules.deny);
  if (deny !== undefined) return { verdict: 'deny', rule: `policy.paths.deny: ${deny}`, kind: 'path_rule' };
  const ask = whole(rules.ask);
  if (ask !== undefined) return { verdict: 'ask', risk: 'beyond', rule: `policy.paths.ask: ${ask}`, kind: 'path_rule' };
  const goesThrough = reach === 'deep' && !sourceFile.test(folder);
  const meets = (rule: string) => isAbove(folder, rule) || (goesThrough && scopesMeet([`${folder}/**`], [rule]));
  const below = reach === 'itself' ? undefined : [...rules.deny, ...rules.ask].find(meets);
  if (below === undefined) return null;
  const where = folder === '.' ? 'the whole tree' : folder;
  return {
    verdict: 'ask',
    risk: 'beyond',
    rule: `${where} may hold what policy.paths names: ${below}`,
    kind: 'path_rule',
  };
}

/** Whether a name is that of a file, not of a folder. */
const sourceFile =
  /\.([cm]?[jt]sx?|py|go|rs|java|kt|rb|php|c|cc|cpp|h|cs|swift|vue|svelte|s?css|html|md|json|ya?ml|toml|txt)$/i;

/** Whether a folder is the one in which a rule's wildcards begin, or above it. */
function isAbove(folder: string, rule: string): boolean {
  if (folder === '.') return !rule.startsWith('/');
  const fixed = rule.slice(0, rule.search(/[*?[{]|$/));
  return fixed.startsWith(`${folder}/`);
}
