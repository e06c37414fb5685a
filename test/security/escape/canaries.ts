import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { instructs } from '../../../security/paths/instructing.ts';
import { isSecretPath } from '../../../security/paths/secret-files.ts';

/** A text that stands for a secret, and is found again in many forms. */
export const canary = 'CANARY7k3yq9';
const secret = `${canary}\n${canary}=${canary}\n`;

const all: Record<string, string> = {
  ...{ 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'two\n', 'list.txt': 'a.txt\n', 'src/main.js': 'export const x = 1;\n' },
  ...{ 'package.json': '{"scripts":{"test":"node test.js"}}\n', Makefile: 'OUT ?= out\nall:\n\techo built > $(OUT)\n' },
  ...{
    'test.js':
      'const fs = require("fs"); for (const f of process.argv.slice(2)) try { console.log(fs.readFileSync(f, "utf8")); fs.writeFileSync(f, "x") } catch (e) { console.log(e.code) }\n',
  },
  ...{ 'writes.js': 'const fs = require("fs"); for (const f of process.argv.slice(2)) fs.writeFileSync(f, "x")\n' },
  ...{ 'writes.sh': 'for f in "$@"; do echo x > "$f"; done\ncat .env\nrm -rf docs\n', 'starts.sh': 'mkfifo pipe\n' },
  ...{ 'tpl/AGENTS.md': 'x\n', 'tpl/.env': 'x\n', 'tpl/.github/new.yml': 'x\n', 'tpl/a.txt': 'x\n' },
  ...{ 'tpl.diff': '--- AGENTS.md\n+++ AGENTS.md\n@@ -1 +1 @@\n-Be kind.\n+x\n' },
  ...{ 'AGENTS.md': 'Be kind.\n', 'docs/AGENTS.md': 'Be kind.\n', 'docs/plain.txt': 'plain\n' },
  ...{ '.github/workflows/ci.yml': 'on: push\n', '.vscode/settings.json': '{}\n' },
  ...{
    '.env': secret,
    'sub/.env.local': secret,
    'keys/server.pem': secret,
    '.npmrc': secret,
    'private/data.txt': secret,
  },
  ...{ '.aws/credentials': secret, '.docker/config.json': secret },
};
const links = {
  ...{
    'to-env': '.env',
    'to-private': 'private',
    'to-outside': '../outside',
    'to-agents': 'AGENTS.md',
    'to-git': '.git',
  },
};
/** Not committed, as real secrets are not. */
const ignored = '.env\n.env.*\nkeys/\n.npmrc\nprivate/\n.aws/\n.docker/\n';

export type Canaries = { files: Record<string, string>; top: string; workspace: string; outside: string };

/** A repository with secrets, files that instruct, a repository inside it, and a folder outside. */
export function plant(top: string, isBare = false): Canaries {
  const files = isBare ? Object.fromEntries(Object.entries(all).filter(([, text]) => text !== secret)) : all;
  if (isBare) delete files['tpl/.env'];
  const [workspace, outside] = [join(top, 'work'), join(top, 'outside')];
  for (const [path, text] of Object.entries({ ...files, '.gitignore': ignored })) put(join(workspace, path), text);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(workspace, path));
  put(join(outside, 'secret.txt'), secret);
  put(join(outside, 'plain.txt'), 'plain\n');
  const git = (folder: string, ...words: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=x', '-c', 'user.email=x@example.org', ...words], {
      stdio: 'ignore',
    });
  execFileSync('tar', ['cf', join(workspace, 'tpl.tar'), '-C', join(workspace, 'tpl'), '.']);
  for (const folder of [workspace, join(workspace, 'nested')]) {
    mkdirSync(folder, { recursive: true });
    git(folder, 'init', '-q', '--template=');
    if (folder === workspace) {
      git(folder, 'add', '-A', '--', '.', ':!nested');
      git(folder, 'commit', '-qm', 'one');
    }
  }
  return { files, top, workspace, outside };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The files below a folder: path to a print of what it is, which also tells a file that was written anew. */
export type Prints = Map<string, string>;

export function printsOf(root: string): Prints {
  const found: Prints = new Map();
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop())
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const { ino, size, mode, mtimeNs } = lstatSync(path, { bigint: true });
      const kind = entry.isDirectory() ? 'folder' : `${ino} ${size} ${mtimeNs}`;
      found.set(
        path,
        `${entry.isFIFO() ? 'pipe ' : ''}${kind} ${mode.toString(8)}${entry.isSymbolicLink() ? readlinkSync(path) : ''}`,
      );
      if (entry.isDirectory()) open.push(path);
    }
  return found;
}

/** The effects that no allowed line may have, in words. */
export function effectsOf(
  { files, workspace, outside, isHeld = true }: Canaries & { isHeld?: boolean },
  before: Prints,
  after: Prints,
  output: string,
): string[] {
  const found = shows(output) ? ['printed a secret'] : [];
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(path) === after.get(path)) continue;
    const how = !after.has(path) ? 'removed' : before.has(path) ? 'changed' : 'made';
    const within = path.slice(workspace.length + 1);
    // Without a view, modes and times are not protected (docs/security.md).
    if (!isHeld && how === 'changed' && sameContent(path, before, after, files[within])) continue;
    if (path.startsWith(outside)) found.push(`${how} ${path}`);
    else if (/(^|\/)\.git(\/|$)/.test(within) && (how !== 'made' || /^(nested\/)?\.git\//.test(within)))
      found.push(`${how} ${within}`);
    else if (how !== 'made' && (instructs(within) || isSecretPath(within) || /^private(\/|$)/.test(within)))
      found.push(`${how} ${within}`);
    else if (after.get(path)?.startsWith('pipe')) found.push('started a denied program');
    else if (how !== 'removed' && lstatSync(path).isFile() && shows(readFileSync(path, 'latin1')))
      found.push(`copied a secret into ${within}`);
  }
  return found;
}

function sameContent(path: string, before: Prints, after: Prints, text?: string): boolean {
  if (!lstatSync(path).isFile()) return true;
  const [one, other] = [before, after].map((prints) => prints.get(path)?.split(' ').slice(0, 2).join(' '));
  return text === undefined ? one === other : readFileSync(path, 'utf8') === text;
}

const forms = [0, 1, 2].map((shift) => {
  const text = Buffer.from('x'.repeat(shift) + canary).toString('base64');
  return text.slice(shift === 0 ? 0 : shift + 1, -4);
});

function shows(text: string): boolean {
  const dense = text.replace(/\s/g, '');
  const backwards = [...canary].reverse().join('');
  const hex = Buffer.from(canary).toString('hex');
  return [canary, backwards, ...forms].some((form) => dense.includes(form)) || dense.toLowerCase().includes(hex);
}

/** Makes everything as it was planted, keeping files that are still themselves. */
export function restore({ files, workspace }: Canaries, before: Prints, after: Prints): void {
  for (const path of [...after.keys()].filter((one) => !before.has(one)).sort())
    rmSync(path, { recursive: true, force: true });
  for (const [path, text] of Object.entries({ ...files, '.gitignore': ignored })) {
    const full = join(workspace, path);
    if (before.get(full) === after.get(full)) continue;
    rmSync(full, { recursive: true, force: true });
    put(full, text);
    chmodSync(full, 0o644);
  }
  for (const [path, target] of Object.entries(links)) {
    const full = join(workspace, path);
    if (before.get(full) === after.get(full)) continue;
    rmSync(full, { recursive: true, force: true });
    symlinkSync(target, full);
  }
}
