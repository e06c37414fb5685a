/**
 * Goal: what a repository puts in the place of files that the host itself reads neither holds it for ever nor leads it out.
 * Method: lock files and manifests that are links to an endless device or pipes, and workspaces that are the whole disk;
 * a process looks at them as a run does, and has to end.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/repository.ts';

const rooms = join(import.meta.dirname, '..', '..', '..', 'orchestrator');
const looking = `
  const { detectChecks } = await import(${JSON.stringify(join(rooms, 'checks', 'detect.ts'))});
  const { linkDependencies } = await import(${JSON.stringify(join(rooms, 'worktrees', 'dependencies', 'link.ts'))});
  const [checkout, tree] = process.argv.slice(1);
  const checks = detectChecks(tree, { searchPath: ['/usr/bin'] }).map(({ check }) => check.command);
  const { setupReason } = await linkDependencies({ checkout, tree });
  process.stdout.write(JSON.stringify({ checks, setupReason }));`;

for (const [name, hostile] of [
  ['links to an endless device', (path: string) => symlinkSync('/dev/zero', path)],
  ['pipes', (path: string) => execFileSync('mkfifo', [path])],
] as const)
  test(`${name} in the place of what the host reads are as good as nothing`, () => {
    const folder = temporaryFolder('hostile');
    const [checkout, tree] = [join(folder, 'checkout'), join(folder, 'tree')];
    for (const one of [checkout, tree]) mkdirSync(join(one, 'node_modules', '.bin'), { recursive: true });
    for (const file of ['package.json', 'package-lock.json', 'tsconfig.json', 'Makefile', 'go.mod', 'pyproject.toml'])
      hostile(join(tree, file));
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', looking, checkout, tree], {
      ...{ encoding: 'utf8', timeout: 30_000 },
    });
    assert.equal(ended.status, 0, `${ended.signal} ${ended.stderr.slice(-500)}`);
    assert.deepEqual(JSON.parse(ended.stdout), { checks: [], setupReason: null });
  });

test('workspaces that lead out of the repository are none', () => {
  const folder = temporaryFolder('hostile');
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'packages', 'a'), { recursive: true });
  mkdirSync(join(folder, 'beside'));
  const scripts = { 'test:beside': 'evil', typecheck: 'evil' };
  writeFileSync(join(folder, 'beside', 'package.json'), JSON.stringify({ scripts }));
  const workspaces = ['/**', '../**', '../beside', 'packages/../../beside', '{../beside,packages/*}'];
  writeFileSync(join(tree, 'package.json'), JSON.stringify({ workspaces }));
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', looking, tree, tree], {
    ...{ encoding: 'utf8', timeout: 30_000 },
  });
  assert.equal(ended.status, 0, `${ended.signal} ${ended.stderr.slice(-500)}`);
  assert.deepEqual((JSON.parse(ended.stdout) as { checks: string[] }).checks, []);
});
