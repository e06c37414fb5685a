import { rewriteStructure } from '../../../tools/contracts/rewrite-structure.ts';
import { prepare } from '../../../tools/refactor/rewrite-structure.run.ts';
import { codeFixture, reportOf } from '../../tools/code/code-fixture.ts';
import { patternCase } from './pattern-cases.ts';
import type { Played } from './played.ts';

/** Rewrites a pattern in a generated repository and compares every byte with the known answer. */
export async function playedPattern(seed: number, spoilt = (text: string): string => text): Promise<Played> {
  const one = patternCase(seed);
  await using fixture = codeFixture(one.files);
  const prepared = await prepare(rewriteStructure.arguments.parse(one.goal), fixture.context);
  fixture.apply(prepared);
  const report = reportOf(prepared);
  const title = `pattern seed ${seed}: ${one.title}`;
  const said = [report.message, ...report.unplaced].join(' | ');
  const isDue = Object.keys(one.files).some((path) => one.files[path] !== one.wanted[path]);
  const wrong = Object.entries(one.wanted).flatMap(([path, wanted]) => {
    const text = spoilt(fixture.read(path));
    const isTold =
      report.status !== 'ok' && (text === one.files[path] || report.unplaced.some((line) => line.startsWith(path)));
    return text === wanted || isTold ? [] : [`${path} is\n${text}    and not\n${wanted}`];
  });
  const end = report.status === 'ok' ? 'complete' : 'refused';
  return { title, end, isDecidable: isDue, wrong, said };
}
