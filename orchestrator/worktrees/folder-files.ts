import { filesMatching } from '../../tools/files/source-files.ts';

/** So many are offered to be named; a folder with more is better searched. */
const filesMax = 50_000;

/** The files of a folder that git would not ignore, relative to it, in order; none where they cannot be listed. */
export async function folderFiles(folder: string, signal: AbortSignal): Promise<string[]> {
  try {
    return (await filesMatching({ workspace: folder, signal }, [])).slice(0, filesMax);
  } catch {
    return []; // too many, too slow, or not to be read: names are then typed
  }
}
