import { readFileSync, statSync } from 'node:fs';

/** Lock files of large repositories have some tens of megabytes; in bytes. */
const bytesMax = 128 * 1024 * 1024;

/**
 * The content of a repository's file, for the host; undefined if there is no file, or if it cannot be read to an end: a
 * link of the repository may lead to a device, a pipe or another endless file.
 */
export function repositoryFile(path: string): Buffer | undefined {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= bytesMax ? readFileSync(path) : undefined;
  } catch {
    return undefined; // missing, or not readable for us
  }
}

export function repositoryText(path: string): string | undefined {
  return repositoryFile(path)?.toString('utf8');
}
