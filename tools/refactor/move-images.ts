import { posix } from 'node:path';
import type { Site } from '../../ipc/plan.ts';
import { isCode } from '../files/source-files.ts';
import type { TextFile } from '../files/text-file.ts';
import { siteAt } from './mechanical-result.ts';
import { covers } from './move-coverage.ts';
import type { Move } from './move-plan.ts';

/** Whether a file builds an image: Dockerfile, web.Dockerfile, Dockerfile.prod. */
export const isImage = (path: string): boolean =>
  /^(?:[\w.-]+\.)?(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$/i.test(posix.basename(path));

/** Lines that copy a folder into an image: a file that leaves the folder is no longer in the image. */
export function imageGaps(file: TextFile, move: Move): Site[] {
  const copies = [...file.text.matchAll(/^[ \t]*(?:COPY|ADD)[ \t]+([^\n]*)$/gim)].flatMap(
    ({ index, 1: written = '' }) => {
      if (/--from=/.test(written)) return []; // out of another image, not out of the repository
      const words = written
        .replace(/--\S+[ \t]+/g, '')
        .replace(/[[\]",]/g, ' ')
        .trim()
        .split(/\s+/);
      return words.slice(0, -1).map((source) => ({ index, source: source.replace(/^\//, '') }));
    },
  );
  // Sources start at the folder that the build is given: the top, or the one of this file.
  for (const folder of new Set(['.', posix.dirname(file.path)])) {
    const taking = (path: string) => copies.find(({ source }) => covers(folder, source, path));
    const lost = [...move.files].find(([path, place]) => isCode(path) && taking(path) && !taking(place));
    if (lost === undefined) continue;
    const reason = `copies ${lost[0]} into the image, but not ${lost[1]}`;
    return [siteAt(file, taking(lost[0])!.index, 'unplaced', false, reason)];
  }
  return [];
}
