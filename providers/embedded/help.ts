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
    'Anything unusual stands between backticks. For every other goal configure a model: the key `models` of',
    '[roles.planner] and [roles.coder] in agents.toml.',
  ].join('\n');
}
