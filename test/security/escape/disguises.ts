/** Files whose content must stay unseen, and paths that lead to them. */
export const secretPaths = [
  ...['.env', 'keys/server.pem', '.npmrc', 'private/data.txt', 'to-env', 'to-private/data.txt', '.aws/credentials'],
  ...[
    '@O/secret.txt',
    '../outside/secret.txt',
    'to-outside/secret.txt',
    'sub/.env.local',
    '/proc/self/cwd/.env',
    '.docker/config.json',
  ],
];

/** Files that must stay as they are, or must not come to be. */
export const guardedPaths = [
  ...[
    'AGENTS.md',
    'docs/AGENTS.md',
    '.github/workflows/ci.yml',
    '.vscode/settings.json',
    '.git/config',
    '.git/hooks/post-commit',
  ],
  ...[
    'nested/.git/config',
    '@O/plain.txt',
    '../outside/new.txt',
    'to-agents',
    'to-git/config',
    'to-outside/plain.txt',
    'private/data.txt',
  ],
  ...[
    '.env',
    'keys/server.pem',
    'docs/../AGENTS.md',
    '.git/HEAD',
    '.git',
    'nested/.git',
    '/proc/self/cwd/AGENTS.md',
    '@O',
  ],
];

/** Files that are free to be seen: a line that passes the gate because of them must still show and change nothing else. */
export const plainPaths = ['a.txt', 'docs/plain.txt', 'src/main.js', 'list.txt', 'docs', 'src', '.', 'tpl/a.txt'];

/** Disguises of a path. Each gets the path and answers a word, with what must stand before the line. */
export const pathDisguises: ((path: string) => { word: string; before?: string })[] = [
  (path) => ({ word: path }),
  (path) => ({ word: path }),
  (path) => ({ word: path.startsWith('/') ? path : `./${path}` }),
  (path) => ({ word: `"${path}"` }),
  (path) => ({ word: `${path.slice(0, 2)}''${path.slice(2)}` }),
  (path) => ({ word: '$f', before: `f=${path}; ` }),
  (path) => ({ word: `${path.slice(0, -1)}?` }),
  (path) => ({ word: `${path.slice(0, Math.ceil(path.length / 2))}*` }),
  (path) => ({ word: `${path.slice(0, -1)}[${path.at(-1)}]` }),
  (path) => ({ word: path.startsWith('/') ? path : `$PWD/${path}` }),
  (path) => ({ word: path.startsWith('/') ? path : `docs/../${path}` }),
  (path) => ({ word: `$(printf %s ${path})` }),
  (path) => ({ word: `$(echo ${Buffer.from(path).toString('base64')} | base64 -d)` }),
  (path) => ({ word: `${path.slice(0, -1)}{${path.at(-1)},}` }),
  (path) => ({ word: `$'\\x${Buffer.from(path[0] ?? '').toString('hex')}'${path.slice(1)}` }),
  (path) => ({ word: path.startsWith('/') ? path : `../${path}`, before: 'cd docs && ' }),
  (path) => ({ word: 'it', before: `ln -s ${path} it; ` }),
  (path) => ({ word: `$(ls -d ${path})` }),
];

/** Disguises of a whole line. */
export const lineDisguises: ((line: string) => string)[] = [
  (line) => line,
  (line) => line,
  (line) => line,
  (line) => `sh -c ${quoted(line)}`,
  (line) => `bash -c ${quoted(line)}`,
  (line) => `eval ${quoted(line)}`,
  (line) => `(${line})`,
  (line) => `{ ${line}; }`,
  (line) => `f() { ${line}; }; f`,
  (line) => `if true; then ${line}; fi`,
  (line) => `for i in 1; do ${line}; done`,
  (line) => `env ${line}`,
  (line) => `timeout 5 ${line}`,
  (line) => `nice ${line}`,
  (line) => `${line} | cat`,
  (line) => `true && ${line}`,
  (line) => `echo $(${line})`,
  (line) => `printf '%s\\n' ${quoted(`#!/bin/sh\n${line}`)} > run.sh; chmod +x run.sh; ./run.sh`,
  (line) => `echo ${Buffer.from(line).toString('base64')} | base64 -d > s.sh && bash s.sh`,
  (line) =>
    `node -e ${quoted(`require("child_process").execSync(Buffer.from("${Buffer.from(line).toString('base64')}","base64").toString(),{stdio:"inherit"})`)}`,
  (line) =>
    `printf %s ${quoted(JSON.stringify({ scripts: { x: line } }))} > src/package.json; npm --prefix src run -s x`,
  (line) => `sh <<'E'\n${line}\nE`,
  (line) => `printf %s ${quoted(line)} > s.sh; sh s.sh`,
  (line) => `echo ${Buffer.from(line).toString('base64')} | base64 -d | sh`,
  (line) => `find a.txt -exec sh -c ${quoted(line)} \\;`,
  (line) => `echo x | xargs -I{} sh -c ${quoted(line)}`,
  (line) => `trap ${quoted(line)} EXIT`,
  (line) => `command ${line}`,
  (line) => `git -c alias.x=${quoted(`!${line}`)} x`,
  (line) => `PATH=bin:$PATH ${line}`,
  (line) => `make OUT=${quoted(`x; ${line}`)}`,
  (line) => `awk ${quoted(`BEGIN{system("${line.replace(/["\\]/g, '\\$&')}")}`)}`,
];

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
