import type { Site } from '../../ipc/plan.ts';
import type { SourceFiles } from '../files/source-files.ts';
import { siteAt } from './mechanical-result.ts';

const libraries = /\b(?:proxyquire|esmock|rewiremock|quibble|mockery|SandboxedModule)\b/;

/**
 * Stubs of tests that name a module as another module imports it: `proxyquire('../src/a', { './b': … })`. When that import
 * is rewritten, the stub is no longer found. `changed`: the texts of specifiers that change.
 */
export function stubs(files: SourceFiles, changed: ReadonlySet<string>): Site[] {
  const sites: Site[] = [];
  if (changed.size === 0) return sites;
  for (const path of [...files.list, ...files.markup]) {
    const file = files.read(path);
    if (file === undefined || !libraries.test(file.text)) continue;
    for (const match of file.text.matchAll(/(["'`])(\.{1,2}\/[^"'`\n]+)\1\s*:/g)) {
      if (!changed.has(match[2]!)) continue;
      const reason = `stands for the import '${match[2]}' of another file, which changes`;
      sites.push(siteAt(file, match.index + 1, 'unplaced', false, reason));
    }
  }
  return sites;
}
