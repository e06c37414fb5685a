import { posix } from 'node:path';
import type { Chance } from './chance.ts';
import { type Part, parts, prose, reference, setting, told } from './move-model.ts';
import type { Way } from './move-resolver.ts';

/** A kind of repository: where its files lie, how they find each other, and the configuration that says so. */
export type Layout = {
  name: string;
  way: Way;
  folders: readonly string[];
  endings: readonly string[];
  /** Files that are always there. */
  always: readonly string[];
  configuration(files: readonly string[], chance: Chance): Record<string, Part[]>;
  /** Other specifiers than relative ones that may lead from a file to a target; not each does. Behind `?`: by a built file. */
  aliases(from: string, target: string): string[];
};

const list = (folder: string) => reference(folder, folder, 'beside', 'list');
const folder = (path: string) => reference(path, path, 'beside', 'follow');
const follows = (path: string) => setting(path, path);
const stemOf = (path: string): string => path.replace(/\.[cm]?[jt]sx?$/, '');
const below = (folder: string, path: string): string | undefined =>
  path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;

const esm: Layout = {
  name: 'modules of Node',
  way: 'esm',
  folders: ['src', 'src/api', 'src/user', 'lib', 'test', '.'],
  endings: ['.js', '.js', '.mjs', '.test.js'],
  always: ['src/index.js', 'src/api/index.js', 'lib/tools.js', 'bin/run.js'],
  configuration: (files, chance) => ({
    'package.json': parts`{
  "name": "shop",
  "type": "module",
  "main": "${setting('src/index.js')}",
  "bin": { "shop": "${setting('bin/run.js')}" },
  "files": ["${list('bin')}", "${list('src')}", "${list('lib')}"],
  "imports": {
    "#lib/*": "./${folder('lib')}/*",
    "#api": "${setting('src/api/index.js')}"
  },
  "exports": {
    ".": "${setting('src/index.js')}",
    "./tools": { "default": "${setting('lib/tools.js')}" }
  },
  "scripts": { "start": "node ${told(chance.pick(files))}" }
}
`,
  }),
  aliases: (_, target) => [
    ...(below('lib', target) ? [`#lib/${below('lib', target)}`] : []),
    ...(target === 'src/api/index.js' ? ['#api'] : []),
    ...(target === 'src/index.js' ? ['shop'] : []),
    ...(target === 'lib/tools.js' ? ['shop/tools'] : []),
  ],
};

const cjs: Layout = {
  name: 'CommonJS',
  way: 'cjs',
  folders: ['lib', 'lib/errors', 'lib/user', 'test', '.'],
  endings: ['.js', '.js', '.js', '.cjs', '.test.js'],
  always: ['lib/index.js', 'lib/errors.js', 'lib/errors/handler.js', 'index.js'],
  configuration: (files, chance) => ({
    'package.json': parts`{
  "name": "shop",
  "main": "${setting('index.js')}",
  "directories": { "lib": "${setting('lib')}" },
  "browser": { "${setting('lib/errors.js')}": false },
  "jest": { "setupFiles": ["<rootDir>/${follows(chance.pick(files))}"] },
  "scripts": { "lint": "eslint ${told(chance.pick(files))}" }
}
`,
  }),
  aliases: () => [],
};

const typescript: Layout = {
  name: 'TypeScript with paths',
  way: 'bundler',
  folders: ['src', 'src/app', 'src/user', 'src/user/deep', 'test'],
  endings: ['.ts', '.ts', '.tsx', '.mts', '.test.ts'],
  always: ['src/index.ts', 'src/main.ts', 'src/user/index.ts', 'src/app/model.ts'],
  configuration: (files, chance) => ({
    'package.json': parts`{ "name": "shop", "private": true, "imports": { "#model": "${setting('src/app/model.ts')}" } }\n`,
    'tsconfig.json': parts`{
  // comments are allowed
  "compilerOptions": {
    "module": "preserve",
    "paths": {
      "@/*": ["./${folder('src')}/*"],
      "~user": ["${setting('src/user/index.ts')}"],
      "@app/*": ["./${folder('src/app')}/*"],
    },
  },
  "include": ["${list('src')}", "${list('test')}/**/*"],
  "files": ["${setting(chance.pick(files.filter((one) => one.endsWith('.ts'))))}"],
}
`,
    'tsconfig.build.json': parts`{ "extends": "${setting('tsconfig.json')}", "exclude": ["${setting(chance.pick(files))}"] }\n`,
  }),
  aliases: (_, target) => {
    const inside = below('src', target);
    const app = below('src/app', target);
    return [
      ...(inside ? [`@/${stemOf(inside)}`, `@/${inside}`, `@/${stemOf(inside)}.js`] : []),
      ...(inside && posix.basename(stemOf(inside)) === 'index' && inside.includes('/')
        ? [`@/${posix.dirname(inside)}`]
        : []),
      ...(app ? [`@app/${stemOf(app)}`] : []),
      ...(target === 'src/user/index.ts' ? ['~user'] : []),
      ...(target === 'src/app/model.ts' ? ['#model'] : []),
    ];
  },
};

const base: Layout = {
  ...typescript,
  name: 'TypeScript with baseUrl',
  configuration: (files) => ({
    'package.json': parts`{ "name": "shop", "private": true }\n`,
    'config/tsconfig.base.json': parts`{ "compilerOptions": { "baseUrl": "${reference('src', '../src', 'beside', 'follow')}", "strict": true } }\n`,
    'tsconfig.json': parts`{
  "extends": "${reference('config/tsconfig.base.json', './config/tsconfig.base.json', 'beside', 'follow')}",
  "include": ["${list('src')}/**/*", "${list('test')}"],
  "exclude": ["${setting(files[0]!)}"]
}
`,
  }),
  aliases: (_, target) => {
    const inside = below('src', target);
    return inside ? [stemOf(inside), `${stemOf(inside)}.js`] : [];
  },
};

const workspace: Layout = {
  name: 'a monorepo',
  way: 'bundler',
  folders: [
    'packages/core/src',
    'packages/core/src/deep',
    'packages/app/src',
    'packages/app/src/ui',
    'packages/app/test',
  ],
  endings: ['.ts', '.ts', '.tsx', '.js', '.test.ts'],
  always: ['packages/core/src/index.ts', 'packages/core/src/model.ts', 'packages/app/src/main.ts'],
  configuration: () => ({
    'package.json': parts`{ "name": "root", "private": true, "workspaces": ["packages/*"] }\n`,
    'packages/core/package.json': parts`{
  "name": "@shop/core",
  "type": "module",
  "exports": {
    ".": { "import": "${setting('packages/core/src/index.ts', './src/index.ts')}" },
    "./model": "${reference('packages/core/src/model.ts', './dist/model.js', 'built', 'tell')}"
  },
  "dependencies": { "zod": "^4.0.0" }
}
`,
    'packages/app/package.json': parts`{
  "name": "@shop/app",
  "type": "module",
  "main": "${setting('packages/app/src/main.ts', 'src/main.ts')}",
  "dependencies": { "@shop/core": "*", "react": "^19.0.0" }
}
`,
    'tsconfig.json': parts`{ "files": [], "references": [{ "path": "${setting('packages/core')}" }, { "path": "${setting('packages/app')}" }] }\n`,
    'packages/core/tsconfig.json': parts`{ "compilerOptions": { "composite": true, "rootDir": "${setting('packages/core/src', 'src')}" } }\n`,
    'packages/app/tsconfig.json': parts`{
  "compilerOptions": { "composite": true, "paths": { "@/*": ["${reference('packages/app/src', './src', 'beside', 'follow')}/*"] } },
  "references": [{ "path": "${setting('packages/core', '../core')}" }]
}
`,
  }),
  aliases: (_, target) => {
    const app = below('packages/app/src', target);
    return [
      ...(target === 'packages/core/src/index.ts' ? ['?@shop/core'] : []),
      ...(target === 'packages/core/src/model.ts' ? ['?@shop/core/model'] : []),
      ...(app ? [`@/${stemOf(app)}`] : []),
    ];
  },
};

const site: Layout = {
  name: 'a site',
  way: 'bundler',
  folders: ['src', 'src/components', 'src/pages', 'src/styles', 'public'],
  endings: ['.ts', '.vue', '.svelte', '.astro', '.mdx', '.tsx', '.css', '.scss'],
  always: ['src/main.ts', 'src/components/Card.vue', 'src/styles/base.css', 'src/pages/home.astro'],
  configuration: (files, chance) => ({
    'package.json': parts`{ "name": "site", "type": "module", "sideEffects": ["${setting('src/styles/base.css')}"] }\n`,
    'tsconfig.json': parts`{ "compilerOptions": { "paths": { "@/*": ["${folder('src')}/*"] } } }\n`,
    'index.html': parts`<!doctype html>
<link rel="stylesheet" href="${told('src/styles/base.css', '/src/styles/base.css')}" />
<script type="module" src="${told('src/main.ts', '/src/main.ts')}"></script>
`,
    'vite.config.ts': parts`import { fileURLToPath } from 'node:url';
export default {
  resolve: { alias: { '@': fileURLToPath(new URL('${setting('src')}', import.meta.url)) } },
  build: { rollupOptions: { input: '${told(chance.pick(files))}' } },
};
`,
  }),
  aliases: (_, target) => {
    const inside = below('src', target);
    return inside ? [`@/${inside}`, `@/${stemOf(inside)}`] : [];
  },
};

export const layouts: Layout[] = [esm, cjs, typescript, base, workspace, site];

const beside = (path: string): [string, string] => [path, `../${path}`];

/** Files of programs that a repository has beside its code; a name in them may be one that moves. */
export function surroundings(files: readonly string[], chance: Chance): Record<string, Part[]> {
  const one = () => chance.pick(files);
  const folders = [...new Set(files.map((path) => posix.dirname(path)))].filter((path) => path !== '.');
  const within = () => chance.pick(folders);
  const all: Record<string, () => Part[]> = {
    Dockerfile: () =>
      parts`FROM node:24\nWORKDIR /app\n# ${prose(one())} is the entry\nCOPY ${told(one())} ./\nCMD ["node", "${told(one())}"]\n`,
    '.github/workflows/ci.yml': () =>
      parts`on: push\njobs:\n  test:\n    steps:\n      - run: node ${told(one())}\n      - run: npx eslint ${told(one())} --fix\n`,
    'deploy.yml': () => parts`on:\n  push:\n    paths:\n      - '${told(within())}/**'\nx:\n  - ${told(within())}\n`,
    '.dockerignore': () => parts`${prose(within())}\nnode_modules\n`,
    'Dockerfile.web': () => parts`FROM node:24\nCOPY ${told(within())} /srv/\n`,
    '.lintstagedrc.json': () => parts`{ "${told(within())}/*.ts": "eslint" }\n`,
    'web/page.html': () =>
      parts`<script type="module" src="${reference(...beside(one()), 'beside', 'tell')}"></script>\n`,
    Makefile: () => parts`all:\n\tnode ${told(one())} > out.txt\n`,
    'README.md': () => parts`# Shop\n\nSee [the code](${prose(one())}) and \`${prose(one())}\`.\n`,
    'docs/guide.txt': () => parts`It begins in ${prose(one())}.\n`,
    'eslint.config.mjs': () => parts`export default [{ files: ['${told(one())}'], rules: {} }];\n`,
    'jest.config.js': () =>
      parts`export default { setupFiles: ['<rootDir>/${told(one())}'], testMatch: ['**/*.test.*'] };\n`,
    'docker-compose.yml': () => parts`services:\n  app:\n    volumes:\n      - ./${told(one())}:/app/x\n`,
    'scripts/start.sh': () => parts`#!/bin/sh\nexec node ${told(one())} "$@"\n`,
    'renovate.json': () => parts`{ "customManagers": [{ "fileMatch": ["${told(one())}"] }] }\n`,
    CODEOWNERS: () => parts`${prose(one(), one())} @team\n`,
  };
  const chosen = Object.keys(all).filter(() => chance.below(9) === 0);
  return Object.fromEntries(chosen.map((path) => [path, all[path]!()]));
}
