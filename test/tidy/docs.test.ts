import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { drawnDocs } from '../../scripts/drawn-docs.ts';
import { root, trackedFiles } from './sources.ts';

/** Goal: documentation never lags behind the code. Method: what is drawn from the code is drawn anew and compared. */
for (const [name, text] of Object.entries(drawnDocs())) {
  test(`docs/${name} is current (node scripts/docs.ts writes it)`, () => {
    assert.equal(readFileSync(join(root, 'docs', name), 'utf8'), text);
  });
}

test('links between our own pages lead somewhere', () => {
  const pages = trackedFiles().filter((path) => path.endsWith('.md') && !path.startsWith('test/fixtures/'));
  const files = new Set(trackedFiles());
  const broken = pages.flatMap((page) => {
    const folder = page.includes('/') ? page.slice(0, page.lastIndexOf('/') + 1) : '';
    const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(
      (match) => match[1] ?? '',
    );
    return links
      .filter(
        (link) =>
          !files.has(join(folder, link)) &&
          ![...files].some((file) => file.startsWith(`${join(folder, link).replace(/\/$/, '')}/`)),
      )
      .map((link) => `${page}: ${link}`);
  });
  assert.deepEqual(broken, []);
});

test('the README and --help give the same exit codes', () => {
  const codes = ['0', '1', '2', '3', '4', '130'];
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const help = readFileSync(join(root, 'cli/register/commands.ts'), 'utf8');
  for (const code of codes) {
    assert.match(readme, new RegExp(`\\| ${code} \\|`), `README names exit code ${code}`);
    assert.match(help, new RegExp(`\\b${code} [a-z]`), `--help names exit code ${code}`);
  }
});

test('every decision page stands in the index, with a state', () => {
  const pages = trackedFiles().flatMap((path) => path.match(/^docs\/decisions\/(\d{4}-.*\.md)$/)?.[1] ?? []);
  const index = readFileSync(join(root, 'docs/decisions/README.md'), 'utf8').split('\n');
  assert.ok(pages.length > 20, 'pages were found');
  const missing = pages.filter(
    (page) => !index.some((row) => row.includes(`](${page})`) && /\| (accepted|replaced|open)\b/.test(row)),
  );
  assert.deepEqual(missing, []);
});
