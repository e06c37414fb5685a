import { makeRepository } from '../test/support/repository.ts';
import { launcher, testVtcode } from '../test/support/vtcode.ts';
import { atMost, type Bench, type Figure, median } from './figures.ts';
import { runWell } from './processes.ts';

const runs = 11;
/** What the goals allow on an idle machine, in milliseconds. */
const withoutServerMsMost = 250;
const withServerMsMost = 600;

const files = {
  'package.json': '{ "name": "small", "type": "module" }\n',
  'tsconfig.json': `{ "compilerOptions": { "module": "nodenext", "target": "esnext", "noEmit": true, "allowImportingTsExtensions": true, "strict": true } }\n`,
  'src/user.ts': `export function fetchUser(): string {\n  return 'fetchUser';\n}\n`,
  'src/page.ts': `import { join } from 'path';\nimport { fetchUser } from './user.ts';\n\nconsole.log(join(fetchUser(), 'page'));\n`,
  'src/log.ts': 'export const logger = { info: (text: string) => text };\n',
};

const goals = [
  { what: 'replace a pattern', goal: 'replace `console.log($A)` by `console.info($A)` in TypeScript', server: false },
  { what: 'change an import', goal: 'change imports of `path` to `node:path`', server: false },
  { what: 'rename (language server)', goal: 'rename fetchUser to loadUser', server: true },
];

/** `run --plan … --dry-run` on a repository of a few files: what a person waits for before they see a plan. */
const dryRun: Bench = async () => {
  const repository = makeRepository(files);
  const { environment } = testVtcode();
  const bare = { argv: [process.execPath, '-e', '0'], environment };
  const orders = goals.map(({ goal }) => ({
    argv: [launcher, 'run', '--plan', goal, '--dry-run', '-C', repository.root],
    environment,
  }));
  const times: number[][] = goals.map(() => []);
  const bareTimes: number[] = [];
  try {
    for (const order of orders) await runWell(order); // the first makes the private repository and warms the disk
    for (let turn = 0; turn < runs; turn += 1) {
      bareTimes.push((await runWell(bare)).ms);
      for (const [at, order] of orders.entries()) times[at]?.push((await runWell(order)).ms);
    }
    const figures: Figure[] = [];
    for (const [at, { what, server }] of goals.entries()) {
      const ms = median(times[at] ?? []);
      const { memoryMb } = await runWell({ ...orders[at]!, memory: true });
      const ratio = { times: ms / median(bareTimes), of: 'bare runtime' };
      figures.push(
        atMost({ what, value: ms, unit: 'ms', ratio, memoryMb }, server ? withServerMsMost : withoutServerMsMost),
      );
    }
    return figures;
  } finally {
    repository.remove();
  }
};

export default dryRun;
