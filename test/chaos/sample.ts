import { makeRepository, type TestRepository } from '../support/repository.ts';

/**
 * A repository with a symbol per module and a check that reads them all, and a plan with one change per module: every
 * second one renames, through a language server, the others rewrite. With `background` every third task is worked by a
 * process of its own.
 */
export function sampleRepository(modules: number, background = false): { repository: TestRepository; plan: string } {
  const files: Record<string, string> = {
    'agents.toml': '[checks]\ndetect = false\nadd = [{ name = "test", command = "sh check.sh" }]\n',
    'package.json': '{ "name": "sample", "type": "module" }\n',
    'check.sh': checkText,
  };
  const tasks: string[] = [];
  for (let number = 1; number <= modules; number += 1) {
    files[`src/m${number}.ts`] =
      `export function old${number}(): number {\n  return ${number};\n}\n\n// old${number} stays in comments\nexport const used${number} = old${number}() + 1;\n`;
    const after = number % 5 === 0 ? `after = ["rename${number - 1}"]\n` : '';
    const where = background && number % 3 === 0 ? 'background = true\n' : '';
    const prompt =
      number % 2 === 0
        ? `Rename old${number} to new${number}.`
        : `Replace \`old${number}\` by \`new${number}\` in src/m${number}.ts.`;
    tasks.push(
      `[[tasks]]\nid = "rename${number}"\ntitle = "Rename old${number}"\nprompt = "${prompt}"\nscope = ["src/m${number}.ts"]\n${after}${where}`,
    );
  }
  return { repository: makeRepository(files), plan: `goal = "rename ${modules} functions"\n\n${tasks.join('\n')}` };
}

/** Green while each module declares and calls one function, `old` or `new` with the number of the module. */
const checkText = `status=0
for file in src/*.ts; do
  number=\${file#src/m}
  number=\${number%.ts}
  declared=$(sed -n 's/.*function \\([a-z0-9]*\\)(.*/\\1/p' "$file")
  called=$(sed -n 's/.*= \\([a-z0-9]*\\)(.*/\\1/p' "$file")
  [ "$declared" = "$called" ] && { [ "$declared" = "old$number" ] || [ "$declared" = "new$number" ]; } && continue
  echo "not ok $file $declared $called" >&2
  status=1
done
exit $status
`;
