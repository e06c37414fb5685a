// Goal: in a monorepo a check in one package sees the task's change in another, never the copy in the user's checkout.
// Method: workspaces as npm, pnpm and yarn lay them out; the checkout's own copy is broken and uncommitted, so that a
// check that resolves into it fails.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
import { makeRepository } from '../support/repository.ts';
import { sampleGoal } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
after(() => rmSync(join(vtcode.state, '..'), { recursive: true, force: true }));

const manifestOf = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
const check = `import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as users from '@sample/a';
import { page } from '../src/page.js';
const place = realpathSync(fileURLToPath(import.meta.resolve('@sample/a')));
assert.ok(place.startsWith(process.cwd()), place + ' is not in ' + process.cwd());
assert.equal(page(), 'a user');
assert.equal(typeof users.left, 'string');
console.log(Object.keys(users));
`;
const files: Record<string, string> = {
  '.gitignore': 'node_modules\n',
  'agents.toml': '[checks]\ndetect = false\nadd = [{ name = "b", command = "node packages/b/test/check.mjs" }]\n',
  'packages/a/package.json': manifestOf({
    ...{ name: '@sample/a', version: '1.0.0', type: 'module', main: 'index.js', dependencies: { left: '1.0.0' } },
  }),
  'packages/a/index.js': `export { left } from 'left';\n\nexport function fetchUser() {\n  return 'a user';\n}\n`,
  'packages/b/package.json': manifestOf({
    ...{ name: '@sample/b', version: '1.0.0', type: 'module', dependencies: { '@sample/a': '1.0.0' } },
  }),
  'packages/b/src/page.js': `import { fetchUser } from '@sample/a';\n\nexport function page() {\n  return fetchUser();\n}\n`,
  'packages/b/test/check.mjs': check,
};
const left = {
  'package.json': manifestOf({ name: 'left', version: '1.0.0', type: 'module', main: 'index.js' }),
  'index.js': `export const left = 'installed';\n`,
};

type Layout = { name: string; files: Record<string, string>; installed: string; links: Record<string, string> };
const workspaces = { name: 'sample', private: true };
const layouts: Layout[] = [
  {
    name: 'npm',
    files: { 'package.json': manifestOf({ ...workspaces, workspaces: ['packages/*'] }) },
    installed: 'node_modules/left',
    links: { 'node_modules/@sample/a': '../../packages/a', 'node_modules/@sample/b': '../../packages/b' },
  },
  {
    name: 'pnpm',
    files: { 'package.json': manifestOf(workspaces), 'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\n" },
    installed: 'node_modules/.pnpm/left@1.0.0/node_modules/left',
    links: {
      'packages/a/node_modules/left': '../../../node_modules/.pnpm/left@1.0.0/node_modules/left',
      'packages/b/node_modules/@sample/a': '../../../a',
    },
  },
  {
    name: 'yarn',
    files: {
      'package.json': manifestOf({ ...workspaces, workspaces: { packages: ['packages/*'] } }),
      'yarn.lock': '# yarn lockfile v1\n\n\nleft@1.0.0:\n  version "1.0.0"\n',
    },
    installed: 'node_modules/left',
    links: { 'node_modules/@sample/a': '../../packages/a', 'node_modules/@sample/b': '../../packages/b' },
  },
];

for (const layout of layouts) {
  test(`in a workspace of ${layout.name} a rename across packages is checked on its own files`, async () => {
    const repository = makeRepository({ ...files, ...layout.files });
    const below = (folder: string) =>
      Object.fromEntries(Object.entries(left).map(([name, text]) => [join(folder, name), text]));
    repository.write(below(layout.installed));
    for (const [path, target] of Object.entries(layout.links)) {
      mkdirSync(dirname(join(repository.root, path)), { recursive: true });
      symlinkSync(target, join(repository.root, path));
    }
    repository.write({ 'packages/a/index.js': `throw new Error('the checkout was used');\n` });
    const before = fingerprint(repository);
    const args = ['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root];
    const called = await vtcode.call(args);
    const { manifest } = endOf(called);
    assert.equal(called.code, 0, called.stderr + JSON.stringify(manifest?.checks) + JSON.stringify(manifest?.tasks));
    const [result] = manifest?.tasks[0]?.checks ?? [];
    assert.deepEqual(
      { verified: manifest?.verified, outcome: result?.outcome, renamed: /loadUser/.test(result?.tail ?? '') },
      { verified: true, outcome: 'passed', renamed: true },
      result?.tail,
    );
    const changed = repository.git('diff', '--name-only', 'HEAD', manifest?.branch ?? '').split('\n');
    assert.deepEqual(changed, ['packages/a/index.js', 'packages/b/src/page.js']);
    assert.deepEqual(fingerprint(repository), before);
    repository.remove();
  });
}
