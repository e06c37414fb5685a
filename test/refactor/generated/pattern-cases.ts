import { type Chance, chances } from './chance.ts';

/** A rewrite of a code pattern whose result is known in every byte. */
export type PatternCase = {
  title: string;
  files: Record<string, string>;
  wanted: Record<string, string>;
  goal: { pattern: string; rewrite: string; language?: string };
};

type Rule = {
  pattern: string;
  rewrite: string;
  language?: string;
  endings: readonly string[];
  /** Text before and after: of a call with arguments, which may be a match itself. */
  call(args: readonly string[], layout: Layout): [before: string, after: string];
  arity: number | 'any';
  /** Texts that look like a match and are none. */
  decoys: readonly string[];
};

/** The surroundings of the arguments: blanks, line breaks, comments, a comma at the end. */
type Layout = { open: string; between: string; close: string };

const plain: Layout = { open: '', between: ', ', close: '' };
const layouts: Layout[] = [
  plain,
  { open: ' ', between: ' , ', close: ' ' },
  { open: '\n  ', between: ',\n  ', close: ',\n' },
  { open: '/* first */ ', between: ', /* then */ ', close: ' /* last */' },
  { open: '\n  // one\n  ', between: ', // two\n  ', close: '\n' },
];

const list = (args: readonly string[], { open, between, close }: Layout): string => open + args.join(between) + close;
/** Only the name before the list changes: everything inside of it stays as it is. */
const renamedCall =
  (old: string, now: string) =>
  (args: readonly string[], layout: Layout): [string, string] => [
    `${old}(${list(args, layout)})`,
    `${now}(${list(args, layout)})`,
  ];
const script = ['.ts', '.js', '.mjs', '.tsx', '.vue', '.svelte'];
const decoys = ['// OLD(1, 2)', "const text = 'OLD(1, 2)';", 'otherOLD(1, 2);', 'const OLD1 = 1;', '/* OLD(3) */'];
const looking = (old: string) => decoys.map((one) => one.replaceAll('OLD', old));

const rules: Rule[] = [
  {
    ...{ pattern: 'log($$$ARGS)', rewrite: 'logger.info($$$ARGS)', endings: script, arity: 'any' },
    ...{ call: renamedCall('log', 'logger.info'), decoys: [...looking('log'), 'console.log(1);', 'log;'] },
  },
  {
    ...{ pattern: 'new Old($$$ARGS)', rewrite: 'Fresh.make($$$ARGS)', endings: script, arity: 'any' },
    ...{ call: renamedCall('new Old', 'Fresh.make'), decoys: ['Old(1);', 'new Older(1);', "const a = 'new Old(1)';"] },
  },
  {
    ...{ pattern: 'send($A, $B)', rewrite: 'post($A, $B)', endings: script, arity: 2 },
    ...{ call: renamedCall('send', 'post'), decoys: [...looking('send').slice(1, 4), 'send(1);', 'send(1, 2, 3);'] },
  },
  {
    ...{ pattern: 'load($ID)', rewrite: 'fetchOne({ id: $ID })', endings: script, arity: 1 },
    call: (args) => [`load(${args[0]})`, `fetchOne({ id: ${args[0]} })`],
    decoys: [...looking('load').slice(1, 4), 'load();', 'load(1, 2);'],
  },
  {
    ...{ pattern: 'has($A, $B)', rewrite: '$A.includes($B)', endings: script, arity: 2 },
    call: ([, b], _) => [`has(items, ${b})`, `items.includes(${b})`],
    decoys: ['has(1);', "const a = 'has(a, b)';", 'x.has(1, 2);'],
  },
  {
    ...{ pattern: 'equal($A, $B)', rewrite: 'expect($A).toBe($B)', endings: script, arity: 2 },
    call: ([a, b]) => [`equal(${a}, ${b})`, `expect(${a}).toBe(${b})`],
    decoys: ['equal(1);', '// equal(1, 2)', 'assert.equal(1, 2);'],
  },
  {
    ...{ pattern: 'state<$T>($V)', rewrite: 'signal<$T>($V)', endings: ['.ts', '.tsx'], arity: 1 },
    call: ([a], layout) => [`state<Box<number>>(${list([a!], layout)})`, `signal<Box<number>>(${list([a!], layout)})`],
    decoys: ['state(1);', "const a = 'state<a>(1)';"],
  },
  {
    ...{ pattern: 'emit_old($$$A)', rewrite: 'emit($$$A)', language: 'python', endings: ['.py'], arity: 'any' },
    ...{ call: renamedCall('emit_old', 'emit'), decoys: ['# emit_old(1)', "text = 'emit_old(1)'", 'my_emit_old(1)'] },
  },
  {
    ...{ pattern: 'kit.Old($$$A)', rewrite: 'kit.Fresh($$$A)', language: 'go', endings: ['.go'], arity: 'any' },
    ...{ call: renamedCall('kit.Old', 'kit.Fresh'), decoys: ['// kit.Old(1)', 'var s = "kit.Old(1)"', 'kit.Older(1)'] },
  },
];

const inScripts = [
  '1',
  'items',
  "'a, b'",
  'x.y[0]',
  '(n) => n + 1',
  '{ a: 1, b: [2] }',
  'await one()',
  'cond ? 1 : 2',
  '`t`',
];
const anywhere = ['1', 'items', '"a, b"', 'x.y', 'one(2)', 'a + b'];

export function patternCase(seed: number): PatternCase {
  const chance = chances(seed);
  const rule = chance.pick(rules);
  const files: Record<string, string> = {};
  const wanted: Record<string, string> = {};
  for (let count = 1 + chance.below(4); count > 0; count -= 1) {
    const path = `${chance.pick(['src', 'lib/deep', 'test'])}/file${count}${chance.pick(rule.endings)}`;
    const lines = Array.from({ length: 1 + chance.below(4) }, () => lineOf(rule, chance));
    files[path] = wrapped(path, lines.map(([before]) => before).join('\n'));
    wanted[path] = wrapped(path, lines.map(([, after]) => after).join('\n'));
  }
  const { pattern, rewrite, language } = rule;
  return { title: `${pattern} → ${rewrite}`, files, wanted, goal: { pattern, rewrite, ...(language && { language }) } };
}

function lineOf(rule: Rule, chance: Chance): [string, string] {
  if (chance.below(3) === 0) {
    const decoy = chance.pick(rule.decoys);
    return [decoy, decoy];
  }
  const [before, after] = match(rule, chance, 2);
  const end = rule.language === undefined ? ';' : '';
  return [`${before}${end}`, `${after}${end}`];
}

/** A match, whose arguments may be matches. */
function match(rule: Rule, chance: Chance, depth: number): [string, string] {
  const simple = rule.language === undefined ? inScripts : anywhere;
  const one = (): [string, string] => {
    if (depth > 0 && chance.below(4) === 0) return match(rule, chance, depth - 1);
    const text = chance.pick(simple);
    return [text, text];
  };
  const count = rule.arity === 'any' ? chance.below(4) : rule.arity;
  const args = Array.from({ length: count }, one);
  const layout = count === 0 || rule.language !== undefined || depth < 2 ? plain : chance.pick(layouts);
  const [before] = rule.call(
    args.map(([text]) => text),
    layout,
  );
  const [, after] = rule.call(
    args.map(([, text]) => text),
    layout,
  );
  return [before, after];
}

function wrapped(path: string, code: string): string {
  if (path.endsWith('.vue')) return `<template><p>text</p></template>\n<script setup lang="ts">\n${code}\n</script>\n`;
  if (path.endsWith('.svelte')) return `<script lang="ts">\n${code}\n</script>\n<p>text</p>\n`;
  if (path.endsWith('.go')) return `package kit\n\nfunc run() {\n${code}\n}\n`;
  return `${code}\n`;
}
