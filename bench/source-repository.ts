import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { makeRepository, type TestRepository } from '../test/support/repository.ts';

/** TypeScript's native compiler, the one vtcode ships: as a check it needs nothing installed in the repository. */
export function compiler(): string {
  const typescript = createRequire(createRequire(import.meta.url).resolve('typescript/package.json'));
  const native = typescript.resolve(`@typescript/typescript-${process.platform}-${process.arch}/package.json`);
  return join(dirname(native), 'lib', 'tsc');
}

/** Files per folder, as in a real repository: git and the disk treat one folder of thousands differently. */
const perFolder = 40;

/**
 * A TypeScript repository of `files` modules, no two alike. `users` of them, its own module and a barrel among these, name the
 * function `calcArea`: half import it from its module, half from the barrel, and use it twice. `markMe(…)` stands once
 * in every module.
 */
export function typescriptRepository(files: number, users: number): TestRepository {
  const texts: Record<string, string> = {
    'package.json': '{ "name": "generated", "type": "module" }\n',
    'tsconfig.json': `${JSON.stringify({ compilerOptions, include: ['src'] })}\n`,
    'agents.toml': `[checks]\ndetect = false\nadd = [{ name = "types", command = "${compiler()} --noEmit -p ." }]\n`,
    'src/area.ts': 'export function calcArea(width: number, height: number): number {\n  return width * height;\n}\n',
    'src/barrel.ts': `export { calcArea } from './area.ts';\n`,
    'src/mark.ts': 'export function markMe(value: number): number {\n  return value;\n}\n',
  };
  for (let number = 1; number <= files - 3; number += 1) texts[modulePath(number)] = moduleText(number, users - 2);
  return makeRepository(texts);
}

export function modulePath(number: number): string {
  return `src/part${Math.floor(number / perFolder)}/module${number}.ts`;
}

const compilerOptions = {
  target: 'esnext',
  module: 'nodenext',
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
};

function moduleText(number: number, users: number): string {
  const isUser = number <= users;
  const from = number % 2 === 0 ? '../area.ts' : '../barrel.ts';
  const lines = [
    `import { markMe } from '../mark.ts';`,
    ...(isUser ? [`import { calcArea } from '${from}';`] : []),
    '',
    `export type Shape${number} = { width: number; height: number; name: 'shape${number}' };`,
    '',
    `// calcArea is only a word here: module ${number}`,
    `export function grow${number}(shape: Shape${number}, by: number): Shape${number} {`,
    `  return { ...shape, width: markMe(shape.width + by * ${number}), height: shape.height + by };`,
    '}',
    '',
    `export function size${number}(shape: Shape${number}): number {`,
    ...(isUser
      ? [`  const before = calcArea(shape.width, shape.height);`, `  return before + calcArea(${number}, shape.width);`]
      : [`  return shape.width * shape.height + ${number};`]),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}
