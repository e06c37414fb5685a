import { readFileSync, statSync } from 'node:fs';

/** Lock files of large repositories have some tens of megabytes; in bytes. */
const bytesMax = 128 * 1024 * 1024;

/**
 * What a file of a repository holds, for the host to look at; undefined: there is none, or it is nothing that could be read
 * to an end: a link of the repository may lead to a device, a pipe or whatever else is endless.
 */
export function repositoryFile(path: string): Buffer | undefined {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= bytesMax ? readFileSync(path) : undefined;
  } catch {
    return undefined; // not there, or not ours to read
  }
}

export function repositoryText(path: string): string | undefined {
  return repositoryFile(path)?.toString('utf8');
}
