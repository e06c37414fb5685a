import { launcher } from '../test/support/vtcode.ts';
import type { Bench, Figure } from './figures.ts';
import { runWell } from './processes.ts';
import { freshFiles, setStage } from './stage.ts';

const counts = [1, 8, 32];

/**
 * Memory of foreground agents that all hear an answer of two seconds at once: as tasks of a plan, each with a thread and a
 * work tree of its own, and as agents that one agent started, in its thread and its folder.
 */
const streams: Bench = async () => {
  const figures: Figure[] = [];
  for (const count of counts) {
    const stage = await setStage(Array.from({ length: count }, (_, at) => `stream a${at}.txt`));
    const { environment } = stage.vtcode;
    const peak = async (words: string[]) =>
      (await runWell({ argv: [launcher, ...words, '-C', stage.repository.root], environment, memory: true })).memoryMb;
    const start = async (kind: string, words: string[]) => {
      // The endpoint's pace is known from then on.
      await runWell({ argv: [launcher, 'run', 'loop 70', '-C', stage.repository.root], environment });
      const value = await peak(words);
      const one = figures.find(({ what }) => what === `1 ${kind}`)?.value ?? value;
      const each = count === 1 ? undefined : { times: (value - one) / (count - 1), of: 'MB for each more' };
      figures.push({ what: `${count} ${kind}`, value, unit: 'MB', ...(each && { ratio: each }) });
    };
    try {
      await start('in work trees', ['run', '--plan-file', stage.plan, '--yes', '--no-checks']);
      stage.repository.write(freshFiles(count));
      await start('in one folder', ['run', `fan ${count} stream a#.txt`]);
    } finally {
      await stage.remove();
    }
  }
  return figures;
};

export default streams;
