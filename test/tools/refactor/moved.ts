import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from '../../../tools/refactor/move-module.run.ts';
import { codeFixture, reportOf, sitesOf } from '../code/code-fixture.ts';

/** Moves in a workspace of the given files and applies it. `changed`: the files with another text, by their new path. */
export async function moved(files: Record<string, string | Buffer>, from: string, to: string) {
  await using fixture = codeFixture(files);
  // Another language's server is none of these tests'.
  fixture.context.programPath = '';
  const prepared = await prepare({ from, to, dry_run: false }, fixture.context);
  fixture.apply(prepared);
  const { status, message, unplaced, counts } = reportOf(prepared);
  const moves = (prepared.changes ?? []).flatMap((change) =>
    change.kind === 'move' ? [[change.from, change.path]] : [],
  );
  const now = new Map(moves.map(([before = '', after = '']) => [before, after]));
  const changed: Record<string, string> = {};
  for (const [path, before] of Object.entries(files)) {
    const place = now.get(path) ?? path;
    if (place !== path) assert.ok(!existsSync(join(fixture.workspace, path)), `${path} is still there`);
    if (typeof before === 'string' && fixture.read(place) !== before) changed[place] = fixture.read(place);
  }
  const projects = Object.keys(files).filter((path) => path.endsWith('tsconfig.json'));
  const typeErrors = projects.flatMap((path) => fixture.typeErrors(path));
  const texts = sitesOf(prepared).filter(({ placement }) => placement === 'text');
  const told = texts.map(({ path, line, reason }) => `${path}:${line} ${reason}`);
  return { status, message, unplaced, counts, moves, changed, typeErrors, told };
}
