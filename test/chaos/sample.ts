import { makeRepository, type TestRepository } from '../support/repository.ts';

/**
 * A repository with a symbol per module and a check that reads them all, and a plan with one rename per module; with
 * `background` every third task is worked by a process of its own.
 */
export function sampleRepository(modules: number, background = false): { repository: TestRepository; plan: string } {
  const files: Record<string, string> = {
    'package.json': `${JSON.stringify({ name: 'sample', type: 'module', scripts: { test: 'node check.mjs' } })}\n`,
    'check.mjs': checkText,
  };
  const tasks: string[] = [];
  for (let number = 1; number <= modules; number += 1) {
    files[`src/m${number}.ts`] =
      `export function old${number}(): number {\n  return ${number};\n}\n\n// old${number} stays in comments\nexport const used${number} = old${number}() + 1;\n`;
    const after = number % 5 === 0 ? `after = ["rename${number - 1}"]\n` : '';
    const where = background && number % 3 === 0 ? 'background = true\n' : '';
    tasks.push(
      `[[tasks]]\nid = "rename${number}"\ntitle = "Rename old${number}"\nprompt = "Rename old${number} to new${number}."\nscope = ["src/m${number}.ts"]\n${after}${where}`,
    );
  }
  return { repository: makeRepository(files), plan: `goal = "rename ${modules} functions"\n\n${tasks.join('\n')}` };
}

const checkText = `import { readdirSync, readFileSync } from 'node:fs';
for (const file of readdirSync('src')) {
  const text = readFileSync('src/' + file, 'utf8');
  const number = file.match(/\\d+/)[0];
  const names = [...text.matchAll(/(?:function|=) (\\w+)\\(/g)].map((match) => match[1]);
  if (names.length !== 2 || names[0] !== names[1] || !/^(old|new)/.test(names[0]) || !names[0].endsWith(number)) {
    console.error('not ok ' + file + ' ' + names);
    process.exitCode = 1;
  }
}
`;
