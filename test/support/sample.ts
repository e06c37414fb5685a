import { makeRepository, type TestRepository } from './repository.ts';

/** A goal that the sample can be given: one kind of syntax is rewritten, so that no language server is started. */
export const sampleGoal = 'replace `fetchUser` by `loadUser`';
/** The same change through a language server: half a second of processor time more. For tests that are about renaming. */
export const renameGoal = 'rename fetchUser to loadUser';

/**
 * A check that is green while every name imported from `user.ts` is exported there. A shell starts quicker than Node. It
 * names no file of its own, so that a move of one leaves no mention behind.
 */
const checkText = `cd src
grep -Eo "import \\{ [A-Za-z]+ \\} from '\\./user" ./*.ts | (
  status=0
  while IFS=: read -r file words; do
    name=\${words#*\\{ }
    name=\${name%% *}
    grep -Fq "export function $name(" user.* && continue
    echo "not ok \${file#./} imports $name" >&2
    status=1
  done
  exit $status
)
`;

export const sampleFiles: Record<string, string> = {
  'agents.toml': `[checks]\ndetect = false\nadd = [{ name = "unit", command = "sh check.sh" }]\n`,
  'check.sh': checkText,
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
    return `[[tasks]]\nid = "${id}"\ntitle = "Replace ${from}"\nprompt = "Replace \`${from}\` by \`${to}\`."\nscope = ["${scope}"]\n${waits}`;
  });
  return `goal = "rename some"\n\n${checks}${tasks.join('\n')}`;
}
