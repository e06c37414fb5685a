import { accessSync, constants, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join, posix } from 'node:path';
import type { ToolContext } from '../../contracts/tool.ts';
import { knownServers } from './languages.ts';

/** Folders of a work tree in which its package managers put programs. */
const folders = ['node_modules/.bin', '.venv/bin', 'venv/bin', 'env/bin'];

/**
 * The server of a language: the configured one, else the first known one in the folders of the work tree's package
 * managers or on PATH, as the hands see them. Otherwise a text that says where was looked and how to get one.
 */
export function findServer(
  context: ToolContext,
  language: string,
): { argv: string[]; name: string } | { missing: string } {
  const configured = context.languageServers[language];
  if (configured !== undefined)
    return { argv: configured, name: posix.basename(configured.find((word) => !/(?:^|\/)node$/.test(word)) ?? '') };
  const known = knownServers[language];
  const how = `Name its language server under [language_servers] in your agents.toml, for example ${language} = ["…"].`;
  if (known === undefined) return { missing: `no server is configured for ${language}. ${how}` };
  const path = (context.programPath ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const [program = '', ...rest] of known.servers) {
    for (const folder of [...folders.map((one) => join(context.workspace, one)), ...path]) {
      const argv = runnable(join(folder, program));
      if (argv !== undefined) return { argv: [...argv, ...rest], name: program.replace(/-langserver$/, '') };
    }
  }
  const names = known.servers.map(([program]) => program).join(' and ');
  const looked = `${names} was looked for in ${folders.join(', ')} and on PATH, as far as the walls show them`;
  return { missing: `no server for ${language} was found: ${looked}. Get one with \`${known.how}\`. ${how}` };
}

/** A script for Node runs with our own, which is inside the walls. */
function runnable(path: string): string[] | undefined {
  try {
    accessSync(path, constants.X_OK);
    const real = realpathSync(path);
    const start = readFileSync(real).subarray(0, 80).toString('latin1');
    return /^#!.*\bnode\b/.test(start) ? [process.execPath, real] : [path];
  } catch {
    // Not there, or not to be run: the next folder may have it.
    return undefined;
  }
}
