import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import type { FileChange } from '../../../ipc/changes.ts';
import { type MechanicalReport, mechanicalReport } from '../../../ipc/mechanical.ts';
import { type Site, site } from '../../../ipc/plan.ts';
import { typescriptServer } from '../../../tools/code/language-server.ts';
import type { Prepared, ToolContext } from '../../../tools/contracts/tool.ts';
import { applyByteEdits, sha256Of } from '../../../tools/files/bytes.ts';

/** A workspace of the given files in a temporary folder, with the context its tools get. `await using` removes it. */
export type Fixture = {
  workspace: string;
  context: ToolContext;
  read(path: string): string;
  apply(prepared: Prepared): void;
  /** The type errors of the workspace as `tsc -p <project>` prints them; [] when there are none. */
  typeErrors(project?: string): string[];
  [Symbol.asyncDispose](): Promise<void>;
};

export function codeFixture(files: Record<string, string | Buffer>): Fixture {
  const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'vtcode-code-')));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  }
  return fixtureAt(workspace, () => rmSync(workspace, { recursive: true, force: true }));
}

export function fixtureAt(workspace: string, remove: () => void = () => undefined): Fixture {
  const stops: (() => Promise<void>)[] = [];
  const ending = new AbortController();
  const context: ToolContext = {
    workspace,
    resolve: (path) => join(workspace, path),
    limits: { outputBytesMax: 64_000, fileBytesMax: 8_000_000 },
    hidden: [],
    unsearched: [],
    languageServers: {},
    programPath: process.env.PATH,
    signal: ending.signal,
    onStop: (stop) => stops.push(stop),
  };
  return {
    workspace,
    context,
    read: (path) => readFileSync(join(workspace, path), 'utf8'),
    apply: (prepared) => {
      for (const change of prepared.changes ?? []) applyChange(workspace, change);
    },
    typeErrors: (project = 'tsconfig.json') => typeErrors(workspace, project),
    async [Symbol.asyncDispose]() {
      for (const stop of stops) await stop();
      remove();
    },
  };
}

export function reportOf(prepared: Prepared): MechanicalReport {
  return mechanicalReport.parse(JSON.parse(prepared.text));
}

export function sitesOf(prepared: Prepared): Site[] {
  return z.object({ sites: z.array(site) }).parse(prepared.data).sites;
}

function applyChange(workspace: string, change: FileChange): void {
  if (change.kind === 'create') {
    mkdirSync(dirname(join(workspace, change.path)), { recursive: true });
    writeFileSync(join(workspace, change.path), change.content, { flag: 'wx' });
    return;
  }
  if (change.kind !== 'edit' && change.kind !== 'move') throw new Error(`unexpected ${change.kind}`);
  const source = join(workspace, change.kind === 'move' ? change.from : change.path);
  const before = readFileSync(source);
  if (sha256Of(before) !== change.before) throw new Error(`${source} is not what the change was made for`);
  const after = applyByteEdits(before, change.edits);
  if (sha256Of(after) !== change.after) throw new Error(`${source} is not what the change promised`);
  mkdirSync(dirname(join(workspace, change.path)), { recursive: true });
  writeFileSync(join(workspace, change.path), after);
  if (change.kind === 'move' && change.from !== change.path) rmSync(source);
}

function typeErrors(workspace: string, project: string): string[] {
  const [program = ''] = typescriptServer();
  try {
    execFileSync(program, ['-p', project, '--noEmit'], { cwd: workspace, encoding: 'utf8' });
    return [];
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    return output === '' ? [String(error)] : output.split('\n').filter((line) => line !== '');
  }
}
