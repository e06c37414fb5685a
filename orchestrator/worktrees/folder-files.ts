import { filesMatching } from '../../tools/files/source-files.ts';

/** How many names are offered for completion; in a folder with more, a search works better. */
const filesMax = 50_000;

/** The files of a folder that git would not ignore, relative to it, sorted; empty if they cannot be listed. */
export async function folderFiles(folder: string, signal: AbortSignal): Promise<string[]> {
  try {
    return (await filesMatching({ workspace: folder, signal }, [])).slice(0, filesMax);
  } catch {
    return []; // too many, too slow or unreadable: the person types names
  }
}
