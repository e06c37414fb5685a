import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

/** So many files are shown. */
const shown = 10;

/**
 * A reporter of node:test that ends the output with the slowest test files, so that the gate stays quick. Times are sums
 * over the tests at the top of each file, as the test runner measured them.
 */
export default async function* slowestTests(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const seconds = new Map<string, number>();
  for await (const event of source) {
    if ((event.type !== 'test:pass' && event.type !== 'test:fail') || event.data.nesting > 0) continue;
    const { file, details } = event.data;
    // Without --test-isolation the runner reports each file as a test too; only tests inside it have another name.
    if (file === undefined || event.data.name === file) continue;
    seconds.set(file, (seconds.get(file) ?? 0) + details.duration_ms / 1_000);
  }
  const slowest = [...seconds].sort(([, one], [, other]) => other - one).slice(0, shown);
  const sum = [...seconds.values()].reduce((all, one) => all + one, 0);
  yield `\nThe ${slowest.length} slowest of ${seconds.size} test files, of ${sum.toFixed(0)} s in all:\n`;
  for (const [file, taken] of slowest) yield `${taken.toFixed(1).padStart(7)} s  ${relative('', file)}\n`;
}
