import { makeRepository, type TestRepository } from './repository.ts';

/** Words of a goal that the sample can be given. */
export const sampleGoal = 'rename fetchUser to loadUser';

/** A check that is green while every name imported from `user.ts` is exported there; quick, and of any Node. */
const checkText = `import { readdirSync, readFileSync } from 'node:fs';
const exported = [...readFileSync('src/user.ts', 'utf8').matchAll(/export function (\\w+)/g)].map((found) => found[1]);
for (const file of readdirSync('src')) {
  for (const [, name] of readFileSync('src/' + file, 'utf8').matchAll(/import { (\\w+) } from '.\\/user/g)) {
    if (exported.includes(name)) continue;
    console.error('not ok ' + file + ' imports ' + name);
    process.exitCode = 1;
  }
}
`;

export const sampleFiles: Record<string, string> = {
  'agents.toml': `[checks]\ndetect = false\nadd = [{ name = "unit", command = "node check.mjs" }]\n`,
  'check.mjs': checkText,
  'package.json': '{ "name": "sample", "type": "module" }\n',
  'src/user.ts': `export function fetchUser(): string {\n  return 'fetchUser';\n}\n\nexport function dropUser(): void {}\n`,
  'src/page.ts': `import { fetchUser } from './user.ts';\n\n// fetchUser stays in comments\nexport const page = fetchUser();\n`,
  'README.md': 'A sample.\n',
};

/** A small repository with one symbol used in two files and one quick check. */
export function sampleRepository(more: Record<string, string> = {}): TestRepository {
  return makeRepository({ ...sampleFiles, ...more });
}

/** A plan file's text with one task per line: `id | old | new | scope | after`. */
export function planText(lines: string[], checks = ''): string {
  const tasks = lines.map((line) => {
    const [id = '', from = '', to = '', scope = '', after = ''] = line.split('|').map((part) => part.trim());
    const waits = after === '' ? '' : `after = ["${after}"]\n`;
    return `[[tasks]]\nid = "${id}"\ntitle = "Rename ${from}"\nprompt = "Rename ${from} to ${to}."\nscope = ["${scope}"]\n${waits}`;
  });
  return `goal = "rename some"\n\n${checks}${tasks.join('\n')}`;
}
