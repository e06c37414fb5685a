import { makeRepository } from '../test/support/repository.ts';
import { launcher, testVtcode } from '../test/support/vtcode.ts';
import { atMost, type Bench, type Figure, median } from './figures.ts';
import { type Order, quietMachine, runWell, spentByChildren } from './processes.ts';

const runs = 7;
/** The goals on an idle machine, in milliseconds. */
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
  const turns: Turn[] = [];
  try {
    for (const order of orders) await runWell(order); // the first makes the private repository and warms the disk
    for (let turn = 0; turn < runs; turn += 1)
      for (const [at, order] of [bare, ...orders].entries()) turns.push(await takeTurn(at, order));
    const quiet = turns.filter((turn) => turn.quiet).length;
    const of = (at: number) => turns.filter((turn) => turn.at === at);
    const bareMs = median(of(0).map(({ ms }) => ms));
    const bareSpent = mean(of(0).map(({ spent }) => spent));
    const figures: Figure[] = [];
    for (const [index, { what, server }] of goals.entries()) {
      const own = of(index + 1);
      const ms = median(own.map((turn) => turn.ms));
      const { memoryMb } = await runWell({ ...orders[index]!, memory: true });
      const ratio = { times: ms / bareMs, of: 'bare runtime' };
      const most = server ? withServerMsMost : withoutServerMsMost;
      figures.push(atMost({ what, value: ms, unit: 'ms', ratio, memoryMb }, most));
      const spent = mean(own.map((turn) => turn.spent));
      const spentRatio = { times: spent / bareSpent, of: 'bare runtime' };
      figures.push({ what: `${what}: processor time`, value: spent, unit: 'ms', ratio: spentRatio });
    }
    return [...figures, { what: `turns on a quiet machine, of ${turns.length}`, value: quiet, unit: '' }];
  } finally {
    repository.remove();
  }
};

type Turn = { at: number; ms: number; spent: number; quiet: boolean };

async function takeTurn(at: number, order: Order): Promise<Turn> {
  const quiet = await quietMachine();
  const before = spentByChildren();
  const { ms } = await runWell(order);
  return { at, ms, spent: spentByChildren() - before, quiet };
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export default dryRun;
