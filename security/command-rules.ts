import type { PolicyRules } from '../ipc/config.ts';
import type { Verdict } from './verdict.ts';

/** Characters that make a shell line more than a list of simple commands; what cannot be understood is asked. */
const notSimple = /[`$<>(){}\n\\*?~!#]|(^|[^&])&([^&]|$)/;

/**
 * The verdict on a shell line: each simple command of `a && b; c | d` is matched against the rules, and the most
 * restrictive answer counts. A rule is a prefix of whole words. deny > ask > allow; no rule means ask.
 */
export function judgeCommand(line: string, rules: PolicyRules): Verdict {
  const commands = line
    .split(/&&|\|\||[;|]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (commands.length === 0) return { verdict: 'ask', rule: 'an empty command' };
  const verdicts = commands.map((command) => judgeSimple(command, rules));
  const worst = (wanted: string) => verdicts.find(({ verdict }) => verdict === wanted);
  const denied = worst('deny');
  if (denied) return denied;
  if (notSimple.test(line)) return { verdict: 'ask', rule: 'the line is more than a list of simple commands' };
  return worst('ask') ?? verdicts[0]!;
}

function judgeSimple(command: string, rules: PolicyRules): Verdict {
  const words = command.split(/\s+/);
  const matching = (list: string[]) => list.find((rule) => rule.split(/\s+/).every((word, at) => words[at] === word));
  for (const verdict of ['deny', 'ask', 'allow'] as const) {
    const rule = matching(rules[verdict]);
    if (rule !== undefined) return { verdict, rule: `policy.commands.${verdict}: ${rule}` };
  }
  return { verdict: 'ask', rule: `no rule names ${words[0]}` };
}
