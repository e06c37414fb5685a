import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { isModestGlob } from '../../ipc/glob.ts';
import { type Check, check as checkSchema } from '../../ipc/plan.ts';
import { repositoryText } from '../git/repository-file.ts';
import { scriptRunner } from './script-runner.ts';

/** A check with its source: file and key, e.g. `package.json: scripts.test`. */
export type DetectedCheck = { check: Check; reason: string };
type Scripts = Record<string, string>;

const manifest = z.object({
  scripts: z._default(z.record(z.string(), z.string()), {}),
  workspaces: z.optional(z.union([z.array(z.string()), z.object({ packages: z.optional(z.array(z.string())) })])),
});

/** Scripts that check types, tests and all the rest, the likeliest first. */
const typeNames = [
  'typecheck',
  'type-check',
  'check-types',
  'check:types',
  'types:check',
  'check:type',
  'check-type',
  'check:ts',
  'tsc',
  'lint:types',
  'types',
  'test:types',
  'test-types',
];
const testNames = ['test', 'test:ci', 'test:run', 'test:once', 'test:unit', 'unit'];

/**
 * The checks that package.json and tsconfig.json name. Scripts at the top count for the whole repository; a script
 * missing there is looked for in the packages of the workspace.
 */
export function nodeChecks(tree: string, searchPath: string[]): DetectedCheck[] {
  const top = readManifest(join(tree, 'package.json'));
  if (!top) return [];
  const run = scriptRunner(tree, searchPath);
  const packages = packageScripts(tree, top.workspaces);
  const fromScript = (name: string, wanted: string[], fits: Fits): DetectedCheck | undefined => {
    const script = wanted.find((one) => fits(one, top.scripts));
    if (script) return detected(name, run(script), `package.json: scripts.${script}`);
    const inner = wanted.find((one) => packages.some((scripts) => fits(one, scripts)));
    const command = inner && run.inPackages(inner);
    return command ? detected(name, command, `package.json of workspace packages: scripts.${inner}`) : undefined;
  };
  const types = fromScript('typecheck', typeNames, isCheck) ?? compiler(tree, packages.length > 0);
  const lint = fromScript('lint', ['lint'], isCheck);
  const tests = fromScript('test', testNames, isTest);
  const build = types || tests ? undefined : fromScript('build', ['build'], isCheck);
  return [types, lint, tests, build].filter((one) => one !== undefined);
}

type Fits = (name: string, scripts: Scripts) => boolean;

/** A script that ends by itself and repairs nothing; the same holds for the scripts that it runs. */
const isCheck: Fits = (name, scripts) => {
  const says = withCalled(name, scripts);
  return says !== '' && !watches.test(says) && !/\s--(?:fix|write|apply|serve)\b|\bprettier\b[^&|;]*\s-w\b/.test(says);
};

/** npm's own default fails on purpose. */
const isTest: Fits = (name, scripts) => {
  const says = withCalled(name, scripts);
  return says !== '' && !watches.test(says) && !/no test specified|^\s*exit 1\s*$/m.test(says);
};

/** An explicit watch mode never ends, even with CI set. `-w` has other meanings in npm and prettier. */
const watches =
  /\s--watch(?:All)?(?![\w-]|=false|\s+false)|\b(?:mocha|tsc|vitest|ava|tap)\b[^&|;]*\s-w\b|\bvitest\s+(?:watch|dev)\b|\bnodemon\b/;

/** The text of a script and of the scripts that it calls by name, one a line; empty when there is none. */
function withCalled(name: string, scripts: Scripts, seen = new Set<string>()): string {
  const text = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  if (text === undefined || seen.has(name)) return '';
  seen.add(name);
  const calls = text.matchAll(/\b(?:npm|pnpm|yarn|bun)\s+(?:run(?:-script)?\s+)?(?:-\S+\s+)*([\w:.-]+)/g);
  return [text, ...[...calls].map(([, called = '']) => withCalled(called, scripts, seen))].join('\n');
}

/**
 * The compiler itself, if no script runs it. With project references only a build checks every project (measured: `tsc
 * -p .` on a list of references passes without a check, `tsc -b --noEmit` refuses them).
 */
function compiler(tree: string, isWorkspace: boolean): DetectedCheck | undefined {
  const path = join(tree, 'tsconfig.json');
  if (!existsSync(path) || !existsSync(join(tree, 'node_modules/.bin/tsc'))) return undefined;
  const text = (repositoryText(path) ?? '').replace(/("(?:\\.|[^"\\])*")|\/\/.*|\/\*[\s\S]*?\*\//g, '$1'); // without comments
  if (/"references"\s*:\s*\[\s*\{/.test(text)) {
    return detected('typecheck', 'node_modules/.bin/tsc -b', 'tsconfig.json: references');
  }
  // At the top of a workspace, a tsconfig without files is only a base for the packages' own.
  if (isWorkspace && !/"(?:include|files)"\s*:\s*\[\s*"/.test(text)) return undefined;
  return detected('typecheck', 'node_modules/.bin/tsc --noEmit -p .', 'tsconfig.json');
}

/** The most patterns of packages that are looked for. */
const workspacesMax = 200;

function packageScripts(tree: string, workspaces: z.infer<typeof manifest>['workspaces']): Scripts[] {
  const all = Array.isArray(workspaces) ? workspaces : (workspaces?.packages ?? pnpmPackages(tree));
  // A glob that leads outside would make the host read the person's files, or the whole disk.
  const listed = all
    .filter((glob) => !/^!?[/\\]|(^|[/{,!])\.\.([/},]|$)/.test(glob) && isModestGlob(glob))
    .slice(0, workspacesMax);
  const wanted = listed
    .filter((glob) => !glob.startsWith('!'))
    .map((glob) => `${glob.replace(/\/$/, '')}/package.json`);
  if (wanted.length === 0) return []; // globSync takes 5 ms to be loaded
  const exclude = [
    '**/node_modules/**',
    ...listed.filter((glob) => glob.startsWith('!')).map((glob) => `${glob.slice(1)}/**`),
  ];
  const paths = globSync(wanted, { cwd: tree, exclude });
  return paths.map((path) => readManifest(join(tree, path))?.scripts).filter((scripts) => scripts !== undefined);
}

/** The list `packages:` of pnpm-workspace.yaml: a list of plain or quoted strings. */
function pnpmPackages(tree: string): string[] {
  const path = join(tree, 'pnpm-workspace.yaml');
  const text = repositoryText(path) ?? '';
  const block = /^packages:\s*(\[[^\]]*\]|(?:\n\s*(?:#.*|-\s*.+)?)+)/m.exec(text)?.[1] ?? '';
  const items = block.startsWith('[')
    ? block.slice(1, -1).split(',')
    : [...block.matchAll(/^\s*-\s*(.+)$/gm)].map((match) => match[1] ?? '');
  return items
    .map((item) =>
      item
        .replace(/\s+#.*$/, '')
        .trim()
        .replace(/^(['"])(.*)\1$/, '$2'),
    )
    .filter((item) => item !== '');
}

function readManifest(path: string): z.infer<typeof manifest> | undefined {
  try {
    return manifest.parse(JSON.parse(repositoryText(path) ?? ''));
  } catch {
    // Missing or broken: it names no checks.
    return undefined;
  }
}

export function detected(name: string, command: string, reason: string): DetectedCheck {
  return { check: checkSchema.parse({ name, command }), reason };
}
