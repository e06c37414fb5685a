import { prepare } from '../../../tools/refactor/change-import.run.ts';
import { codeFixture, reportOf } from '../../tools/code/code-fixture.ts';
import { importCase } from './import-cases.ts';
import type { Played } from './played.ts';

/** Changes imports in a generated repository and compares every byte with the known answer. */
export async function playedImport(seed: number, spoilt = (text: string): string => text): Promise<Played> {
  const one = importCase(seed);
  await using fixture = codeFixture(one.files);
  const prepared = await prepare({ dry_run: false, ...one.goal }, fixture.context);
  fixture.apply(prepared);
  const report = reportOf(prepared);
  const title = `import seed ${seed}: ${one.title}`;
  const said = [report.message, ...report.unplaced].join(' | ');
  const isDue = Object.keys(one.files).some((path) => one.files[path] !== one.wanted[path]);
  if (report.status !== 'ok' && report.status !== 'unplaced') {
    const isRight = report.status === 'nothing' && !isDue;
    return { title, end: 'refused', isDecidable: isDue, wrong: isRight || isDue ? [] : [said], said };
  }
  const wrong = Object.entries(one.wanted).flatMap(([path, wanted]) => {
    const text = spoilt(fixture.read(path));
    const lines = report.unplaced.filter((line) => line.startsWith(`${path}:`));
    return text === wanted || lines.length > 0 ? [] : [`${path} is\n${text}    and not\n${wanted}`];
  });
  if (report.status === 'ok' && one.mayPark) wrong.push('what cannot be decided is not told');
  const named = one.mayPark ? 'named' : 'refused';
  return { title, end: report.status === 'ok' ? 'complete' : named, isDecidable: !one.mayPark, wrong, said };
}
