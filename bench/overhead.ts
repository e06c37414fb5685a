import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../test/support/repository.ts';
import { bundledParts } from './bundled.ts';
import { atMost, type Bench, median, ratioAtMost } from './figures.ts';
import { instantRun } from './instant-run.ts';

const sizes = [10, 100, 1_000];
const repeats = 5;
/** The goal per task, in milliseconds. */
const taskMsMost = 2;
/** The time of a task of a thousand, as a multiple of a task of ten, that still counts as flat. */
const growthMost = 1.25;

/** The host's own time per task: schedule, write, fold, look for due work. No git, no model, no process. */
const overhead: Bench = async () => {
  const parts = await bundledParts();
  const folder = temporaryFolder('bench');
  const perTask = new Map<number, number[]>(sizes.map((size) => [size, []]));
  try {
    await instantRun(parts, join(folder, 'warm', 'log.db'), 'run_bench', 100); // compiled code, not the compiler
    for (let turn = 0; turn < repeats; turn += 1)
      for (const size of sizes) {
        const { ms } = await instantRun(parts, join(folder, `${turn}-${size}`, 'log.db'), 'run_bench', size);
        perTask.get(size)?.push(ms / size);
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [small = 0, ...rest] = sizes.map((size) => median(perTask.get(size) ?? []));
  const memoryMb = process.resourceUsage().maxRSS / 1024;
  const figure = (size: number, ms: number) => ({ what: `per task, of ${size} tasks`, value: ms, unit: 'ms' });
  const last = sizes.at(-1) ?? 0;
  const growth = (rest.at(-1) ?? 0) / small;
  return [
    atMost(figure(sizes[0] ?? 0, small), taskMsMost),
    ...rest.map((ms, at) => atMost(figure(sizes[at + 1] ?? 0, ms), taskMsMost)),
    ratioAtMost(
      {
        what: `a task of ${last} against one of ${sizes[0]}`,
        value: rest.at(-1) ?? 0,
        unit: 'ms',
        ratio: { times: growth, of: `of ${sizes[0]}` },
        memoryMb,
      },
      growthMost,
    ),
  ];
};

export default overhead;
