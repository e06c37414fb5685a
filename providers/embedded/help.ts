/** The text for a goal that is none of the four kinds: the possible kinds, an example of each, and the way out. */
export function unsupportedText(hint?: string): string {
  return [
    'The embedded model does mechanical changes only, and this goal is none that it understands.',
    ...(hint ? [hint] : []),
    'It can:',
    '  rename a symbol            rename fetchUser to loadUser',
    '  replace a code pattern     replace `console.log($A)` by `logger.info($A)` in TypeScript',
    '  change an import source    change imports of `lodash` to `lodash-es`',
    '  move a module              move src/a.ts to src/lib/a.ts',
    'Anything unusual stands between backticks. Every other goal needs a language model: set the key of one, for example',
    'ANTHROPIC_API_KEY, or name it by `models` under [roles.planner] and [roles.coder] in your agents.toml.',
    '`vtcode models` lists what can be asked.',
  ].join('\n');
}
