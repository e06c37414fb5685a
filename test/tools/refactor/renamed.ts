import type { MechanicalReport } from '../../../ipc/mechanical.ts';
import type { RenameSymbolArguments } from '../../../tools/contracts/rename-symbol.ts';
import { prepare } from '../../../tools/refactor/rename-symbol.run.ts';
import { codeFixture, reportOf } from '../code/code-fixture.ts';

export type Renamed = {
  status: MechanicalReport['status'];
  /** Only the files that changed, with their text afterwards. */
  changed: Record<string, string>;
  report: MechanicalReport;
  typeErrors: string[];
};

/** Renames in a workspace of the given files and applies it; type errors are those of every `tsconfig.json` in it. */
export async function renamed(
  files: Record<string, string>,
  parsed: Partial<RenameSymbolArguments> & { symbol: string; to: string },
): Promise<Renamed> {
  await using fixture = codeFixture(files);
  const prepared = await prepare({ dry_run: false, ...parsed }, fixture.context);
  fixture.apply(prepared);
  const changed = Object.keys(files).filter((path) => fixture.read(path) !== files[path]);
  const report = reportOf(prepared);
  return {
    status: report.status,
    changed: Object.fromEntries(changed.map((path) => [path, fixture.read(path)])),
    report,
    typeErrors: Object.keys(files)
      .filter((path) => path.endsWith('tsconfig.json'))
      .flatMap((path) => fixture.typeErrors(path)),
  };
}
