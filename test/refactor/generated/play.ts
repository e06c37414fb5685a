import { prepare } from '../../../tools/refactor/rename-symbol.run.ts';
import { codeFixture, reportOf } from '../../tools/code/code-fixture.ts';
import { type Case, caseOf, difference } from './cases.ts';

/** How a rename of a generated repository ended. `wrong` is empty when the end is right. */
export type Played = { end: 'complete' | 'named' | 'refused'; wrong: string[] };

/** Plays many, one after the other. `wrong` tells each wrong end; `counts` how the renames ended. */
export async function playedMany({ seed, amount }: { seed: number; amount: number }) {
  const counts = { complete: 0, named: 0, refused: 0 };
  const wrong: string[] = [];
  for (let index = 0; index < amount; index++) {
    const one = await played(seed + index);
    counts[one.end] += 1;
    if (one.wrong.length > 0) wrong.push([one.title, ...one.wrong].join('\n  '));
  }
  return { counts, wrong };
}

/** `spoilt`: what becomes of a file before it is judged. */
export async function played(
  seed: number,
  spoilt = (text: string): string => text,
): Promise<Played & { title: string }> {
  const one = caseOf(seed);
  await using fixture = codeFixture(one.files);
  const prepared = await prepare({ dry_run: false, ...one.goal }, fixture.context);
  fixture.apply(prepared);
  const report = reportOf(prepared);
  const title = `seed ${seed}: ${one.title}`;
  const told = [report.message, ...report.unplaced, ...report.candidates].join(' | ');
  if (report.status !== 'ok' && report.status !== 'unplaced') {
    return { title, end: 'refused', wrong: [`refused: ${told}`] };
  }
  const named = report.status === 'unplaced';
  const wrong = differences(one, (path) => spoilt(fixture.read(path)), named ? report.unplaced : []);
  if (named && !one.mayPark) wrong.push(`named what could be decided: ${told}`);
  if (!named && one.mayPark && wrong.length > 0) wrong.push('and told as complete');
  return { title, end: named ? 'named' : 'complete', wrong };
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
