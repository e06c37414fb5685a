import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { prepare } from '../../../tools/refactor/move-module.run.ts';
import { codeFixture, reportOf } from '../../tools/code/code-fixture.ts';
import { moveCase } from './move-cases.ts';
import { judge } from './move-judge.ts';
import { textOf } from './move-model.ts';
import type { Played } from './played.ts';

/** Moves in a generated repository, and judges every byte and every reference of it afterwards. */
export async function playedMove(seed: number, spoilt = (text: string): string => text): Promise<Played> {
  const one = moveCase(seed);
  const files = Object.fromEntries(Object.entries(one.files).map(([path, list]) => [path, textOf(list)]));
  await using fixture = codeFixture(files);
  for (const [path, target] of Object.entries(one.links)) {
    mkdirSync(dirname(join(fixture.workspace, path)), { recursive: true });
    symlinkSync(target, join(fixture.workspace, path));
  }
  const prepared = await prepare({ from: one.from, to: one.to, dry_run: false }, fixture.context);
  fixture.apply(prepared);
  const report = reportOf(prepared);
  const title = `move seed ${seed}: ${one.title}`;
  const said = [report.message, ...report.unplaced, ...report.candidates].join(' | ');
  if (report.status !== 'ok' && report.status !== 'unplaced') {
    if (one.isImpossible) return { title, end: 'refused', isDecidable: false, wrong: [], said };
    return { title, end: 'refused', isDecidable: true, wrong: [], said };
  }
  const read = (path: string) => spoilt(fixture.read(path));
  const wrong = one.isImpossible ? [`what cannot be moved was moved: ${said}`] : [];
  const judged = judge(one, { files: new Set(listed(fixture.workspace)), read }, report.unplaced);
  const end = report.status === 'ok' ? 'complete' : 'named';
  const isTooShy = judged.needless.length > 0;
  return {
    title,
    end: end === 'named' && isTooShy ? 'refused' : end,
    isDecidable: !judged.isOpen || isTooShy,
    wrong: [...wrong, ...judged.wrong],
    said: [said, ...judged.needless.map((line) => `needless: ${line}`)].join('\n  '),
  };
}

/** All files, also those behind links. */
const listed = (workspace: string): string[] =>
  readdirSync(workspace, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(workspace, join(entry.parentPath, entry.name)));
