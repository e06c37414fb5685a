import { prepare } from '../../../tools/refactor/rename-symbol.run.ts';
import { codeFixture, reportOf } from '../../tools/code/code-fixture.ts';
import type { Played } from './played.ts';
import { type Case, caseOf, difference } from './rename-cases.ts';

/** Renames in a generated repository and compares every byte. `spoilt` changes a file before it is judged. */
export async function playedRename(seed: number, spoilt = (text: string): string => text): Promise<Played> {
  const one = caseOf(seed);
  await using fixture = codeFixture(one.files);
  const prepared = await prepare({ dry_run: false, ...one.goal }, fixture.context);
  fixture.apply(prepared);
  const report = reportOf(prepared);
  const title = `rename seed ${seed}: ${one.title}`;
  const said = [report.message, ...report.unplaced, ...report.candidates].join(' | ');
  const isDecidable = !one.mayPark;
  const named = report.status === 'unplaced';
  if (report.status !== 'ok' && !named) return { title, end: 'refused', isDecidable: true, wrong: [], said };
  const wrong = differences(one, (path) => spoilt(fixture.read(path)), named ? report.unplaced : []);
  // A goal that stops changes nothing in a run: only what is told as complete can be wrong.
  if (named && isDecidable) return { title, end: 'refused', isDecidable, wrong: [], said };
  if (!named && one.mayPark && wrong.length > 0) wrong.push('and told as complete');
  return { title, end: named ? 'named' : 'complete', isDecidable, wrong, said };
}

/** Files that are not as the case says; a place that is named may stay as it was. */
function differences(one: Case, read: (path: string) => string, unplaced: readonly string[]): string[] {
  const name = one.goal.symbol.split('.').at(-1)!;
  return Object.entries(one.marked).flatMap(([path, marked]) => {
    const lines = unplaced
      .filter((line) => line.startsWith(`${path}:`))
      .map((line) => Number(line.slice(path.length + 1).split(':')[0]));
    const found = difference(marked, read(path), { name, to: one.goal.to, left: new Set(lines) });
    return found === undefined ? [] : [`${path} ${found}`];
  });
}
