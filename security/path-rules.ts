import type { PathRules } from '../ipc/config.ts';
import { inScope, scopesMeet } from './scope.ts';
import type { Verdict } from './verdict.ts';

/**
 * What the user's rules say of a path that a call names: relative to the work tree's top, or absolute. deny > ask > allow;
 * null: nothing. A path with wildcards is held against a rule as another pattern: where both could mean one file, they do.
 */
export function judgePath(path: string, rules: PathRules): Verdict | null {
  const fits = (list: string[]) =>
    list.find((rule) => inScope(path, [rule]) || (/[*?[{…]/.test(path) && scopesMeet([path], [rule])));
  const deny = fits(rules.deny);
  if (deny !== undefined) return { verdict: 'deny', rule: `policy.paths.deny: ${deny}` };
  const ask = fits(rules.ask);
  if (ask !== undefined) return { verdict: 'ask', risk: 'beyond', rule: `policy.paths.ask: ${ask}` };
  const allow = rules.allow.find((rule) => inScope(path, [rule]));
  return allow === undefined ? null : { verdict: 'allow', rule: `policy.paths.allow: ${allow}` };
}
