// Goal: what real shells run of an allowed line is what was judged: however quotes, comments, here documents and expansions are
// mixed, a program that nobody knows never starts. Method: seeded random lines around a program `evil`; those that are allowed
// are run by every shell of the machine, in an empty folder, where `evil` is the only program there is and leaves a mark.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { judgeCommand } from '../../security/rules/command-rules.ts';
import { random } from '../support/random.ts';
import { temporaryFolder } from '../support/repository.ts';

const seed = 42;
const folder = temporaryFolder('shells');
const mark = join(folder, 'mark');
mkdirSync(join(folder, 'bin'));
mkdirSync(join(folder, 'work'));
writeFileSync(join(folder, 'bin', 'evil'), `#!/bin/sh\necho >> '${mark}'\n`);
chmodSync(join(folder, 'bin', 'evil'), 0o755);
after(() => rmSync(folder, { recursive: true, force: true }));

const pieces = [
  ...[
    "'",
    '"',
    '\\',
    '$',
    '`',
    '{',
    '}',
    '(',
    ')',
    '#',
    '\n',
    ' ',
    ' ',
    '[ ',
    ' ]',
    '1',
    '+',
    '-',
    '*',
    '?',
    '~',
    '=',
    ':',
    '&',
  ],
  ...[
    '<<E\n',
    '\nE\n',
    "<<'E'\n",
    '<<-E\n',
    'E',
    '\\\n',
    '\t',
    'echo ',
    'printf ',
    'evil',
    'evil ',
    '; ',
    '&& ',
    '| ',
    '$(',
  ],
  ...[
    '${x:-',
    '${x#',
    '$((',
    '))',
    "$'",
    '"${x:-\'',
    '\'}"',
    'case x in x) ',
    ';; esac',
    'if true; then ',
    '; fi',
    '! ',
  ],
  ...['true', 'x=', 'for i in a; do ', '; done', 'a'],
];
// Whole commands: whether they run depends on what stands around them alone.
const whole = ['$(evil)', '`evil`', '; evil ', '\nevil\n', '| evil ', '&& evil ', `\${x:-'$(evil)'}`, '"$(evil)"'];
const shells = ['/bin/sh', '/bin/dash', '/bin/bash', '/bin/busybox'].filter((shell) => existsSync(shell));

test('no shell starts a program of an allowed line that nobody judged', () => {
  const next = random(seed);
  const pick = (from: string[]) => from[Math.floor(next() * from.length)]!;
  const allowed: string[] = [];
  for (let round = 0; round < 20_000; round += 1) {
    const many = 2 + Math.floor(next() * 14);
    const line = `echo ${Array.from({ length: many }, () => pick(next() < 0.2 ? whole : pieces)).join('')}`;
    const { verdict } = line.includes('evil')
      ? judgeCommand(line, { rules: { allow: [], ask: [], deny: [] }, directory: '.' })
      : { verdict: 'ask' };
    if (verdict === 'allow') allowed.push(line);
  }
  assert.ok(allowed.length > 150, `${allowed.length} lines`);
  for (const line of allowed)
    for (const shell of shells) {
      const words = shell.endsWith('busybox') ? ['sh', '-c', line] : ['-c', line];
      spawnSync(shell, words, {
        cwd: join(folder, 'work'),
        env: { PATH: join(folder, 'bin') },
        stdio: 'ignore',
        timeout: 5000,
      });
      assert.equal(existsSync(mark), false, `seed ${seed}: ${shell} runs evil in ${JSON.stringify(line)}`);
    }
});

test('the mark is left by a line that runs the program, so the test above can fail', () => {
  for (const shell of shells.filter((one) => !one.endsWith('busybox'))) {
    spawnSync(shell, ['-c', 'echo a; evil'], { env: { PATH: join(folder, 'bin') }, stdio: 'ignore' });
    assert.equal(existsSync(mark), true, shell);
    rmSync(mark);
  }
});
