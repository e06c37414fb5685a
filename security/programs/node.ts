import { isLiteral, shown, type Word } from '../shell/word.ts';
import { parse, type Spec } from './flags.ts';
import type { Look, Program } from './look.ts';
import { fromInput, isInput } from './scripts.ts';
import { toolWords } from './tool-words.ts';

/**
 * A tool that a project tests or builds itself with. It runs the project's code inside the walls and without network,
 * as its tests do. So the tool is allowed, and the paths in its arguments are judged.
 */
export function tool(more: { asks?: RegExp; beyond?: RegExp } = {}): Program {
  return (args, look) => {
    for (const arg of args) {
      if (more.beyond?.test(arg)) look.ask('beyond', `${shown(arg)} needs what the walls do not give`);
      if (more.asks?.test(arg)) look.ask('contained', `${shown(arg)} changes files, or goes on until it is ended`);
    }
    toolWords(args, look);
  };
}

/** Scripts that every project calls alike: they test, check or build. */
const usualScript =
  /^(test|tests|build|lint|check|type-?check|types|tsc|format:check|fmt:check|coverage|compile|unit|e2e|integration|ci|verify|validate)([:.\-/]\w.*)?$/;

type Manager = { runs: RegExp; looks: RegExp; tools: RegExp; before: Spec };

/** Commands that fetch packages and do nothing else outside. */
const fetching =
  /^(add|install|i|in|ins|ci|clean-install|install-test|it|update|up|upgrade|dlx|fetch|import|dedupe|rebuild|outdated|info|view|show|v|create|init)$/;

/** npm and its like: they run the project's scripts and list its packages; fetching packages needs the network. */
function manager(name: string, given: Manager): Program {
  return (args, look) => {
    let at = 0;
    while (at < args.length && args[at]!.startsWith('-'))
      at +=
        given.before.valued && Object.keys(given.before.valued).some((names) => names.split(' ').includes(args[at]!))
          ? 2
          : 1;
    parse(given.before, args.slice(0, at), look);
    const [command, ...rest] = args.slice(at);
    if (command === undefined) return name === 'yarn' && args.length === 0 ? look.fetches('npm', 'yarn') : undefined;
    look.canonical([name, command, ...rest]);
    if (!isLiteral(command)) return look.ask('beyond', `what ${name} is to do is known only when it runs`);
    if (given.tools.test(command)) return runTool(name, rest, look);
    if (given.runs.test(command) || (name !== 'npm' && usualScript.test(command))) return runScript(rest, look);
    if (/^(start|stop|restart)$/.test(command)) return look.ask('contained', 'it goes on until it is ended');
    if (given.looks.test(command)) {
      for (const arg of rest) look.suspect(arg, 'reads');
      return;
    }
    for (const arg of rest) look.suspect(arg);
    if (
      name !== 'npm' &&
      !/^(add|install|i|ci|remove|rm|un|up|update|upgrade|dlx|create|publish|link|unlink|login|logout|set|config|c|pm|global|audit|outdated|fetch|import|patch|init|import|store|deploy|x|cache|self-update|self-upgrade|setup|env|owner|token|whoami|version|pack|unplug|plugin|policies|npm|info|view|dedupe|prune|rebuild|root|bin)$/.test(
        command,
      )
    )
      return look.ask('contained', `nothing is known of the script ${command}`);
    if (fetching.test(command)) look.fetches('npm', `${name} ${command}`);
    else look.ask('beyond', `${name} ${command} needs the network, or changes what is installed`, 'program', 'network');
  };
}

function runScript(args: Word[], look: Look) {
  for (const [at, arg] of args.entries()) {
    if (arg === '--') break;
    if (/^--(scr|she|node-o|pref|userc|globalc|req|imp|ev|pri)/.test(arg) || /^-(C|r|e|p)$/.test(arg))
      look.ask('contained', `nothing is known of its flag ${shown(arg)}`);
    if (!isLiteral(arg) && at === 0) look.ask('contained', 'which script it runs is known only when it runs');
  }
  toolWords(args, look);
}

/** A tool of the project by its name; one that is not known may be fetched from the network. */
function runTool(name: string, args: Word[], look: Look) {
  let at = 0;
  let offline = false;
  for (; at < args.length && args[at]!.startsWith('-'); at += 1) {
    const arg = args[at]!;
    if (/^--(no-install|no|offline)$/.test(arg)) offline = true;
    // Without a network, which is asked for apart, it finds what is installed or fails.
    else if (/^(-y|--yes)$/.test(arg)) look.ask('contained', `${name} may fetch a tool that is not installed`);
    else if (!/^(-q|--quiet|--silent|--)$/.test(arg))
      look.ask('beyond', `what ${name} does with ${shown(arg)} may need the network`, 'program', 'network');
  }
  const words = args.slice(at);
  const [first] = words;
  if (first === undefined) return;
  look.run(words);
  if (!Object.hasOwn(tools, first) && !/^(tsx|ts-node)$/.test(first) && !offline)
    look.fetches('npm', `${name} ${shown(first)}, if it is not installed,`);
}

const nodeSpec: Spec = {
  flags:
    '--test --test-only --experimental-strip-types --no-warnings --trace-warnings --enable-source-maps --expose-gc --watch -v --version -h --help --experimental-test-coverage --test-force-exit --test-update-snapshots --trace-deprecation --throw-deprecation --experimental-transform-types --experimental-vm-modules --preserve-symlinks --check -c',
  valued: {
    '--test-name-pattern --test-skip-pattern --test-concurrency --test-timeout --test-reporter --max-old-space-size --stack-size --conditions -C --test-shard --test-isolation --unhandled-rejections --stack-trace-limit':
      'text',
    '--test-reporter-destination': 'write',
    '--env-file --env-file-if-exists': 'read',
  },
};

const node: Program = (args, look) => {
  const valued = new Set(Object.keys(nodeSpec.valued!).flatMap((names) => names.split(' ')));
  let at = 0;
  while (at < args.length && args[at]!.startsWith('-') && args[at] !== '-') {
    const arg = args[at]!;
    if (/^(-e|-p|-pe|--eval|--print|-r|--require|--import|--loader|--experimental-loader)(=|$)/.test(arg)) {
      const value = arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : (args[at + 1] ?? '');
      look.ask(isLiteral(value) ? 'contained' : 'beyond', `${shown(arg)} runs a text or a module`);
      for (const word of [value, ...args.slice(at)]) look.suspect(word);
      return;
    }
    if (/^--(inspect|allow|run)/.test(arg)) look.ask('contained', `${shown(arg)} is not looked into`);
    at += valued.has(arg) ? 2 : 1;
  }
  const isTest = args.slice(0, at).includes('--test');
  parse(nodeSpec, args.slice(0, at), look);
  const words = args.slice(at);
  const onlyTells = args.slice(0, at).some((arg) => /^(-v|--version|-h|--help)$/.test(arg));
  if (words.length === 0 || isInput(words[0]!)) return isTest || onlyTells ? undefined : fromInput(look);
  const isRead = isTest || /^(-c|--check)$/.test(args[0] ?? '');
  for (const word of words) look.suspect(word, isRead ? 'reads' : 'may write');
  if (!isTest && !/^(-c|--check)$/.test(args[0] ?? '')) look.ask('contained', `it runs ${shown(words[0]!)}`);
};

const fixing =
  /^(--fix|--fix-.*|--write|-w|--watch|--watchAll|--unsafe|--apply.*|--init|--serve|--ui|--open|-u|--update|--updateSnapshot|--output-file|--out-file)(=|$)/;
const checker = tool({ asks: fixing });

const servesOrMakes =
  /^(exec|run-commands|--command|dev|serve|start|preview|--watch|-w|watch|open|add|generate|g|new|init|create)$/;
const reachesOut = /^(login|deploy|publish|install|add)$/;

/** Without one of these words such a program is a server, which goes on until it is ended. */
const server: Program = (args, look, name) => {
  tool({ asks: servesOrMakes, beyond: reachesOut })(args, look, name);
  if (!/^(build|check|lint|test|typecheck|info|--version|--help)$/.test(args[0] ?? ''))
    look.ask('contained', 'it goes on until it is ended');
};

const tools: Record<string, Program> = {
  c8: (...given) => coverage(...given),
  nyc: (...given) => coverage(...given),
  ...Object.fromEntries(
    'tsc vue-tsc tsgo eslint prettier biome vitest jest mocha ava tap oxlint oxfmt stylelint knip depcheck madge dprint standard xo tsd attw publint markdownlint markdownlint-cli2 cspell commitlint size-limit karma jasmine uvu svelte-check astro-check'
      .split(' ')
      .map((name) => [name, checker]),
  ),
  ...Object.fromEntries(
    'esbuild rollup webpack parcel swc babel tsup tsdown rolldown unbuild playwright cypress wireit lerna nx turbo'
      .split(' ')
      .map((name) => [name, tool({ asks: servesOrMakes, beyond: reachesOut })]),
  ),
  ...Object.fromEntries(
    'vite next nuxt astro svelte-kit remix ng gulp grunt storybook'.split(' ').map((name) => [name, server]),
  ),
};

/** Measures the code coverage of another command. */
const covering: Spec = {
  anyFlag: true,
  valued: {
    '-r --reporter -x --exclude -n --include --lines --branches --functions --statements --src --extension -e --cwd':
      'text',
    '--reports-dir --report-dir --temp-directory --temp-dir -o': 'write',
    '-c --config --nycrc-path': 'read',
    '--require -i': 'program',
  },
};

const coverage: Program = (args, look) => {
  const valued = new Set(Object.keys(covering.valued!).flatMap((names) => names.split(' ')));
  let at = 0;
  while (at < args.length && args[at]!.startsWith('-') && args[at] !== '--') at += valued.has(args[at]!) ? 2 : 1;
  parse(covering, args.slice(0, at), look);
  const words = args[at] === '--' ? args.slice(at + 1) : args.slice(at);
  if (/^(report|check-coverage|merge|instrument)$/.test(words[0] ?? '')) return tool()(words, look, 'c8');
  if (words.length > 0) look.run(words);
};

const npm: Manager = {
  runs: /^(test|t|tst|run|run-script|rum|urn)$/,
  looks: /^(ls|list|la|ll|explain|why|root|bin|prefix|help|version|pkg|query|fund|completion|get)$/,
  tools: /^(exec|x)$/,
  before: {
    flags:
      '-s --silent -q --quiet --if-present --workspaces -ws --offline -v --version -h --help --no-audit --no-fund --color --no-color --include-workspace-root -d --json -r --recursive --parallel --stream --no-bail',
    valued: { '-w --workspace --loglevel --filter -F': 'text', '--prefix --cwd -C --dir': 'names' },
    asks: { '-g --global --location': 'reaches outside the project' },
  },
};

export const nodePrograms: Record<string, Program> = {
  ...tools,
  node,
  nodejs: node,
  npm: npmOf(),
  npx: (args, look) => runTool('npx', args, look),
  pnpm: manager('pnpm', {
    ...npm,
    runs: /^(test|t|run|run-script)$/,
    looks: /^(ls|list|why|licenses|help)$/,
    tools: /^exec$/,
  }),
  pnpx: (args, look) => runTool('pnpx', args, look),
  yarn: manager('yarn', {
    ...npm,
    runs: /^(test|run)$/,
    looks: /^(list|why|versions|help|workspaces)$/,
    tools: /^exec$/,
  }),
  bun: manager('bun', { ...npm, runs: /^(test|run|build)$/, looks: /^help$/, tools: /^x$/ }),
  bunx: (args, look) => runTool('bunx', args, look),
  deno: tool({
    asks: /^(run|eval|repl|task|-A|--allow.*|fmt)$/,
    beyond: /^(install|upgrade|publish|add|cache|deploy|jupyter)$/,
  }),
  tsx: (args, look) => scriptRunner(args, look),
  'ts-node': (args, look) => scriptRunner(args, look),
};

function npmOf(): Program {
  const judged = manager('npm', npm);
  return (args, look, name) => {
    judged(args, look, name);
    const rest = args.filter((arg) => !arg.startsWith('-'));
    if ((rest[0] === 'version' && rest.length > 1) || (rest[0] === 'pkg' && rest[1] !== 'get'))
      look.ask('contained', 'it changes package.json');
    if (rest[0] === 'get') look.ask('beyond', 'the configuration may hold keys');
  };
}

function scriptRunner(args: Word[], look: Look) {
  look.ask('contained', 'it runs a script');
  for (const arg of args) look.suspect(arg);
}
