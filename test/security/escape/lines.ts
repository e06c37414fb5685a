import { random } from '../../support/random.ts';
import { guardedPaths, lineDisguises, pathDisguises, plainPaths, secretPaths } from './disguises.ts';
import { readers, starters, writers } from './table.ts';

/** The place of the canaries: `outside` absolute, `port` of a server on this machine. */
export type Aims = { outside: string; port: number };

/** Endless lines of an adversary, the same for the same seed. */
export function* hostileLines(seed: number, { outside, port }: Aims): Generator<string> {
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const families: [string[], string[]][] = [
    ...Object.values(readers).map((lines): [string[], string[]] => [lines, secretPaths]),
    ...Object.values(writers).map((lines): [string[], string[]] => [lines, guardedPaths]),
    ...Object.values(readers).map((lines): [string[], string[]] => [lines, plainPaths]),
    [starters, ['x']],
  ];
  while (true) {
    const [lines, paths] = pick(families);
    const { word, before = '' } = pick(pathDisguises)(pick(paths).replace('@O', outside));
    const plain = before + pick(lines).replaceAll('@N', String(port)).replaceAll('@P', word);
    yield pick(lineDisguises)(plain);
  }
}
