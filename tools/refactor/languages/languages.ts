import { posix } from 'node:path';

/** Languages besides TypeScript and JavaScript, by the endings of their files. */
const endings: Record<string, string> = {
  python: 'py pyi',
  go: 'go',
  rust: 'rs',
  java: 'java',
  kotlin: 'kt',
  ruby: 'rb',
  php: 'php',
  csharp: 'cs',
  c: 'c h',
  cpp: 'cc cpp cxx hpp hh',
  swift: 'swift',
  scala: 'scala',
  lua: 'lua',
  elixir: 'ex exs',
  haskell: 'hs',
  ocaml: 'ml',
  dart: 'dart',
  zig: 'zig',
  vue: 'vue',
  svelte: 'svelte',
};
const byEnding = new Map(
  Object.entries(endings).flatMap(([language, all]) => all.split(' ').map((ending) => [ending, language] as const)),
);

/** The name of a file's language as the Language Server Protocol has it; undefined: none of these. */
export const languageOf = (path: string): string | undefined => byEnding.get(posix.extname(path).slice(1));

/** Globs of the files of some languages; of all without a name. */
export function globsOf(languages: readonly string[] = Object.keys(endings)): string[] {
  const all = languages.flatMap((language) => endings[language]?.split(' ') ?? []);
  return [`*.{${[...all, ''].slice(0, -1).join(',')},}`.replace(',}', '}')];
}

/** C and C++ share headers, and one server reads both. */
export function together(language: string): string[] {
  return language === 'c' || language === 'cpp' ? ['c', 'cpp'] : [language];
}

type Known = { servers: string[][]; how: string };
/**
 * An index on the disk would be written into the work tree; the files that have the name are open, and so known without
 * one. A renamed header counts before it is on the disk.
 */
const clangd = ['clangd', '--background-index=false', '--limit-references=0', '--use-dirty-headers'];

/** Servers that are taken when none is configured, the first that is found; and how a person gets one. */
export const knownServers: Record<string, Known> = {
  python: {
    servers: [
      ['pyright-langserver', '--stdio'],
      ['basedpyright-langserver', '--stdio'],
    ],
    how: 'npm i -D pyright',
  },
  go: { servers: [['gopls']], how: 'go install golang.org/x/tools/gopls@latest, or apt install gopls' },
  rust: { servers: [['rust-analyzer']], how: 'rustup component add rust-analyzer' },
  c: { servers: [clangd], how: 'apt install clangd' },
  cpp: { servers: [clangd], how: 'apt install clangd' },
  java: { servers: [['jdtls']], how: 'install jdtls, the language server of Eclipse' },
};
