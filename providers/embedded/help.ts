/** What a person reads when a goal is none of the four kinds: what is possible, with an example each, and the way out. */
export function unsupportedText(hint?: string): string {
  return [
    'The embedded model does mechanical changes only, and this goal is none that it understands.',
    ...(hint ? [hint] : []),
    'It can:',
    '  rename a symbol            rename fetchUser to loadUser',
    '  replace a code pattern     replace `console.log($A)` by `logger.info($A)` in TypeScript',
    '  change an import source    change imports of `lodash` to `lodash-es`',
    '  move a module              move src/a.ts to src/lib/a.ts',
    'Anything unusual stands between backticks. Every other goal needs a language model: it is named by `models` under',
    '[roles.planner] and [roles.coder] in agents.toml, as soon as this vtcode has a provider for it.',
  ].join('\n');
}
