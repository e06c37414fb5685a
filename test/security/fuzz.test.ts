// Goal: a line is never judged wider than what it is made of, no text makes the judge throw or allow what does not parse, and
// no policy file crashes. Method: seeded random compositions of the corpora, random text, random files; a fixed number of each.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fault } from '../../ipc/fault.ts';
import { loadConfig } from '../../orchestrator/config/config.ts';
import { followIn } from '../../orchestrator/worktrees/follow-links.ts';
import { judgeCommand } from '../../security/rules/command-rules.ts';
import { parseLine } from '../../security/shell/parse.ts';
import { amountOf } from '../support/amount.ts';
import { shippedRules } from '../support/policy-rules.ts';
import { random } from '../support/random.ts';

const seed = 20_261;
const where = { rules: shippedRules, directory: '.', follow: followIn(join(import.meta.dirname, '..', '..')) };

function corpus(): string[] {
  const attacks = join(import.meta.dirname, 'attacks', 'commands');
  const honest = join(import.meta.dirname, 'honest');
  return [
    ...readdirSync(attacks).flatMap((file) =>
      (JSON.parse(readFileSync(join(attacks, file), 'utf8')) as { line: string }[]).map(({ line }) => line),
    ),
    ...readdirSync(honest).flatMap((file) => readFileSync(join(honest, file), 'utf8').split('\n')),
  ];
}

/**
 * What changes how the rest of a line reads may make it narrower or wider, and rightly so: a folder, a variable, a comment, an
 * unended quotation, names that are piped.
 */
const changesTheRest =
  /[#\n\\⏎\ue000-\uf8ff]|<<|\b(cd|chdir|pushd|popd|read|for|export|set|unset|declare|local|readonly|getopts|printf|eval|source|trap|alias|exec|xargs|while)\b|^\. |^!|\w=|\(\)|&\s*$|:=|\{\}|^[([{]?\s*$/;

const parts = corpus().filter((line) => !changesTheRest.test(line) && (parseLine(line).errors ?? []).length === 0);

function level(line: string): number {
  const { verdict, risk } = judgeCommand(line, where);
  return verdict === 'allow' ? 0 : verdict === 'deny' ? 3 : risk === 'contained' ? 1 : 2;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

const around: ((text: string) => string)[] = [
  (text) => `( ${text} )`,
  (text) => `{ ${text}; }`,
  (text) => `echo $( ${text} )`,
  (text) => `echo "x$( ${text} )y"`,
  (text) => `sh -c ${quoted(text)}`,
  (text) => `bash -euc ${quoted(text)}`,
  (text) => `eval ${quoted(text)}`,
  (text) => `if ${text}; then ls; fi`,
  (text) => `if ls; then ${text}; else ls; fi`,
  (text) => `while ${text}; do ls; done`,
  (text) => `for i in 1 2; do ${text}; done`,
  (text) => `case x in x) ${text};; esac`,
  (text) => `{ ! { ${text}; }; }`,
  (text) => `timeout 5 sh -c ${quoted(text)}`,
  (text) => `find . -exec sh -c ${quoted(text)} \\;`,
  (text) => `[ -n "$( ${text} )" ]`,
  (text) => `X=$( ${text} )`,
  (text) => `f() { ${text}; }; f`,
];
/** Only around a whole line: what follows must stand on a line of its own. */
const outermost = [(text: string) => `cat <<E\n$( ${text} )\nE`, (text: string) => `sh <<'E'\n${text}\nE`];
const between = [' ; ', ' && ', ' || ', ' | ', ' & ', '\n', ';', '&&', '||', '|', '\n\n'];

test('a composed line is never judged wider than the worst of its parts', () => {
  assert.ok(parts.length > 700, `${parts.length} parts`);
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  for (let round = 0; round < amountOf({ gate: 2_500, proof: 10_000 }); round += 1) {
    const chosen = Array.from({ length: 1 + Math.floor(next() * 3) }, () => pick(parts));
    let line = chosen
      .map((part) => (next() < 0.4 ? pick(around)(part) : part))
      .reduce((left, right) => left + pick(between) + right);
    if (next() < 0.3) line = pick([...around, ...outermost])(line);
    // A composition that is no line at all is asked; what the parser gave up on cannot be denied.
    const isLine = (parseLine(line).errors ?? []).length === 0;
    const worst = Math.min(isLine ? 3 : 2, Math.max(...chosen.map(level)));
    assert.ok(
      level(line) >= worst,
      `seed ${seed}, round ${round}: ${JSON.stringify(line)} of ${JSON.stringify(chosen)}`,
    );
  }
});

test('random text makes nothing throw, and what does not parse is never allowed', () => {
  const next = random(seed + 1);
  const pieces = [
    ...' \t\n;&|<>(){}[]$`\'"\\*?~!#=-+:./%^@,0123',
    'ls',
    'cat',
    'a',
    '.env',
    'git',
    'sudo',
    '$(',
    '${',
    '$((',
    '<<E',
    'E',
    'if',
    'then',
    'fi',
    'do',
    'done',
    'for',
    'in',
    'case',
    'esac',
    '&&',
    '||',
    '>&',
    '<<<',
    '[[',
    ']]',
    '\u0000',
    '\u00a0',
    '\ud800',
    'é',
    '\ue001',
  ];
  for (let round = 0; round < amountOf({ gate: 2_000, proof: 8_000 }); round += 1) {
    const line = Array.from(
      { length: 1 + Math.floor(next() * 24) },
      () => pieces[Math.floor(next() * pieces.length)],
    ).join('');
    const { verdict } = judgeCommand(line, where);
    if (verdict !== 'allow') continue;
    assert.deepEqual(parseLine(line).errors ?? [], [], `seed ${seed + 1}, round ${round}: ${JSON.stringify(line)}`);
    assert.doesNotMatch(line, /[\u0000\u00a0\ud800\ue001]/);
  }
});

test('lines of any size end, and too long ones are asked', () => {
  for (const unit of [
    '(',
    '$(',
    '{ ',
    '`',
    '"',
    'if ',
    'a|',
    '${x:-',
    '$((',
    '!',
    'eval ',
    "sh -c '",
    '*',
    '{a,',
    'env ',
  ])
    for (const size of [50, 1000, 16_000 / unit.length, 100_000])
      assert.notEqual(judgeCommand(unit.repeat(size), where).verdict, undefined);
  // Each of these would be walked for ever, or nearly, if nothing counted.
  for (const line of [
    'f() { f | f & }; f',
    ':(){ :|:& };:',
    'f() { f; f; f; }; f',
    `${'for i in 1 2 3 4 5 6 7 8 9; do '.repeat(9)}ls${'; done'.repeat(9)}`,
    `${'while cd a; do '.repeat(30)}ls${'; done'.repeat(30)}`,
    `f() { ls; }; ${'g() { f; f; }; f() { g; g; }; '.repeat(20)}f`,
  ])
    assert.deepEqual([line, judgeCommand(line, where).risk], [line, 'beyond']);
  assert.equal(judgeCommand(`ls ${'a'.repeat(20_000)}`, where).verdict, 'ask');
});

test('a random policy file is a configuration or a fault', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vtcode-policy-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const next = random(seed + 2);
  const pieces = [
    '[policy.commands]\n',
    '[policy]\n',
    'allow',
    'ask',
    'deny',
    ' = ',
    '[',
    ']',
    '"',
    '"git push"',
    '"**"',
    '"*"',
    '""',
    '" "',
    '"(["',
    '"a ** b"',
    ',',
    '\n',
    '{',
    '}',
    '1',
    'true',
    "'\\'",
    '\\u0000',
    '#',
  ];
  let faults = 0;
  for (let round = 0; round < 300; round += 1) {
    const text = Array.from(
      { length: 2 + Math.floor(next() * 14) },
      () => pieces[Math.floor(next() * pieces.length)],
    ).join('');
    const file = join(folder, 'agents.toml');
    writeFileSync(file, next() < 0.5 ? `[policy.commands]\nallow = [${text}]\n` : text);
    try {
      const { config } = loadConfig(file, null);
      for (const line of ['ls', 'git push', 'cat .env'])
        assert.notEqual(judgeCommand(line, { ...where, rules: config.policy.commands }).verdict, undefined);
      assert.equal(judgeCommand('git push', { ...where, rules: config.policy.commands }).verdict, 'deny');
    } catch (error) {
      assert.ok(
        error instanceof Fault && error.code === 'config_invalid',
        `seed ${seed + 2}, round ${round}: ${text}\n${error}`,
      );
      faults += 1;
    }
  }
  assert.ok(faults > 50 && faults < 300);
});
