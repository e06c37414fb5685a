import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledParts } from './bundled.ts';
import { atMost, type Bench, median } from './figures.ts';

const rules = { allow: [], ask: [], deny: ['sudo', 'su', 'git push', 'git reset', 'git clean', 'npm publish'] };
const rounds = 20;

/** The command policy: the first line, which loads the parser, and everyday and hostile lines after that. */
const judge: Bench = async () => {
  const { followIn, judgeCommand } = await bundledParts();
  // In a tree as large as this one, where most paths of the lines do not exist.
  const where = { rules, directory: 'test', follow: followIn(join(import.meta.dirname, '..')) };
  const begun = performance.now();
  judgeCommand('git status', where);
  const first = performance.now() - begun;
  const corpus = join(import.meta.dirname, '..', 'test', 'security');
  const honest = readdirSync(join(corpus, 'honest')).flatMap((file) =>
    readFileSync(join(corpus, 'honest', file), 'utf8')
      .split('\n')
      .filter(Boolean),
  );
  const attacks = readdirSync(join(corpus, 'attacks', 'commands')).flatMap((file) =>
    (JSON.parse(readFileSync(join(corpus, 'attacks', 'commands', file), 'utf8')) as { line: string }[]).map(
      ({ line }) => line,
    ),
  );
  const perLine = (lines: string[]) => {
    const means = Array.from({ length: rounds }, () => {
      const start = performance.now();
      for (const line of lines) judgeCommand(line, where);
      return (performance.now() - start) / lines.length;
    });
    return median(means);
  };
  const fastestOf = (line: string) =>
    Math.min(
      ...Array.from({ length: rounds }, () => {
        const start = performance.now();
        judgeCommand(line, where);
        return performance.now() - start;
      }),
    );
  return [
    atMost({ what: 'an everyday line', value: perLine(honest), unit: 'ms' }, 0.3),
    atMost({ what: 'the slowest everyday line', value: Math.max(...honest.map(fastestOf)), unit: 'ms' }, 0.3),
    { what: 'a hostile line', value: perLine(attacks), unit: 'ms' },
    { what: 'the slowest hostile line', value: Math.max(...attacks.map(fastestOf)), unit: 'ms' },
    { what: 'the first line, with the parser', value: first, unit: 'ms' },
  ];
};

export default judge;
