import { isLiteral, shown, type Word } from '../shell/word.ts';
import { parse, type Spec, valuesOf } from './flags.ts';
import type { Look, Program } from './look.ts';
import { tool } from './node.ts';
import { fromInput, isInput } from './scripts.ts';
import { toolWords } from './tool-words.ts';

/** Programs with subcommands, as lists of these. A subcommand that no list names is asked. */
type Subcommands = {
  /** Test, check, build or show: inside the walls, without network. */
  allow: string;
  /** Write sources, or run until they are ended. */
  contained?: string;
  /** Fetch, send, install. */
  beyond?: string;
  /** Fetch packages from this registry, and do nothing else outside: its name, and the subcommands. */
  fetches?: [registry: string, names: string];
  /** Flags that ask, whatever the subcommand. */
  asks?: RegExp;
  /** What the program does without a subcommand. */
  alone?: 'allow' | 'contained' | 'beyond';
  /** Flags before the subcommand that take a value. */
  valued?: RegExp;
};

function subcommands(name: string, lists: Subcommands): Program {
  const has = (list: string | undefined, word: string) => (list ?? '').split(' ').includes(word);
  return (args, look) => {
    let at = 0;
    while (at < args.length && /^[-+]/.test(args[at]!)) at += lists.valued?.test(args[at]!) ? 2 : 1;
    const [command] = args.slice(at);
    toolWords(args, look);
    for (const arg of args) if (lists.asks?.test(arg)) look.ask('contained', `${shown(arg)} is not looked into`);
    if (command === undefined) {
      if (lists.alone !== 'allow' && !args.some((arg) => /^(-V|-v|--version|-h|--help|version)$/.test(arg)))
        look.ask(lists.alone ?? 'contained', `what ${name} does here is not known`);
      return;
    }
    look.canonical([name, ...args.slice(at)]);
    if (!isLiteral(command)) return look.ask('beyond', `what ${name} is to do is known only when it runs`);
    if (has(lists.allow, command)) return;
    if (has(lists.contained, command))
      return look.ask('contained', `${name} ${command} changes files, or runs what it is told`);
    if (lists.fetches && has(lists.fetches[1], command)) return look.fetches(lists.fetches[0], `${name} ${command}`);
    if (has(lists.beyond, command))
      return look.ask('beyond', `${name} ${command} needs the network, or reaches outside`, 'program', 'network');
    look.ask('contained', `nothing is known of ${name} ${command}`);
  };
}

const modules =
  /^(pytest|unittest|doctest|mypy|ruff|flake8|pylint|black|isort|tox|nox|coverage|compileall|py_compile|json\.tool|pyflakes|pycodestyle|bandit|tabnanny|sysconfig|site|platform)$/;

const python: Program = (args, look) => {
  let at = 0;
  for (; at < args.length && /^-[a-zA-Z]/.test(args[at]!) && !/^-[a-zA-Z]*[cm]/.test(args[at]!); at += 1) {
    if (/^-[WX]$/.test(args[at]!)) at += 1;
    else if (!/^-([uBbdEIOOsSqvV]+|[WX].+)$/.test(args[at]!))
      look.ask('contained', `${shown(args[at]!)} is not looked into`);
  }
  const first = args[at];
  if (first === '--version' || first === '--help' || (first === undefined && /^-V/.test(args[0] ?? ''))) return;
  if (first === undefined || isInput(first)) return fromInput(look);
  const rest = args.slice(at + 1);
  for (const arg of rest) look.suspect(arg);
  if (/^-[a-zA-Z]*c/.test(first)) {
    const text = first.replace(/^-[a-zA-Z]*?c/, '') || (rest[0] ?? '');
    look.suspect(text);
    return look.ask(isLiteral(text) ? 'contained' : 'beyond', '-c runs a text');
  }
  if (!/^-[a-zA-Z]*m/.test(first)) {
    look.suspect(first);
    return look.ask('contained', `it runs ${shown(first)}`);
  }
  const name = first.replace(/^-[a-zA-Z]*?m/, '') || (rest[0] ?? '');
  const words = first.endsWith('m') ? rest.slice(1) : rest;
  if (/^(pip|pip3|ensurepip|pipx|twine)$/.test(name)) return languages.pip!(words, look, 'pip');
  if (modules.test(name) && Object.hasOwn(languages, name)) return languages[name]!(words, look, name);
  if (!modules.test(name)) look.ask('contained', `it runs the module ${shown(name)}`);
};

const makeSpec: Spec = {
  anyFlag: true,
  valued: {
    '-f --file --makefile': 'read',
    '-C --directory -I --include-dir': 'names',
    '-E --eval -j --jobs -l --load-average -o --old-file --assume-old -W --what-if --new-file --assume-new': 'text',
    '--output-sync -O': 'text',
  },
  asks: { '-e --environment-overrides': 'lets variables name programs' },
};

const make: Program = (args, look) => {
  const joined = args.map((arg) => (/^-[jlO]\d*$/.test(arg) ? '-s' : arg));
  const words = parse(makeSpec, joined, look);
  for (const file of valuesOf(makeSpec, joined, '-f --file --makefile')) {
    look.ask('contained', `it makes what ${shown(file)} says`);
    if (isInput(file)) fromInput(look);
  }
  for (const text of valuesOf(makeSpec, joined, '-E --eval'))
    look.ask('beyond', `it makes what stands in ${shown(text)}`);
  for (const arg of [...words, ...args]) look.suspect(arg);
  for (const arg of words) {
    if (/^[\w.]+[:+?!]*=/.test(arg) && /^(SHELL|\w*MAKEFLAGS|CC|CXX|LD|AR|PATH|\.SHELLFLAGS)/.test(arg))
      look.ask('contained', `${shown(arg)} names a program`);
    // Make passes these words to a shell, values too.
    if (/[$;&|`<>\n]|!\s*=/.test(arg)) look.ask('beyond', `make may run what stands in ${shown(arg)}`);
    if (/^(install|uninstall|deploy|publish|release|push|upload)([-:_]|$)/.test(arg))
      look.ask('beyond', `${shown(arg)} reaches outside by its name`);
    if (!isLiteral(arg)) look.ask('contained', 'what it makes is known only when it runs');
  }
};

const jvm = {
  beyond: /^(deploy|publish\w*|release:\w+|uploadArchives)$|^--refresh-dependencies$|^-U$/,
  asks: /^(-[Ibfsgc]|--(init|build-f|set|global-s|toolchains|file|project-dir)|-D\w*(exec|script|main)|exec:|(run|bootRun|install|clean)$)/,
};

export const languages: Record<string, Program> = {
  cargo: subcommands('cargo', {
    allow:
      'build b test t check c clippy bench doc d tree metadata nextest version help locate-project pkgid read-manifest verify-project llvm-cov deny machete hack',
    contained: 'run r fmt fix clean expand new init miri watch vendor insta',
    beyond: 'rm remove uninstall publish login logout owner yank',
    fetches: ['crates', 'add install update fetch search audit generate-lockfile'],
    asks: /^(--config|--fix|--manifest-path|--allow-dirty)(=|$)/,
    valued: /^(--color|--config|-Z|-C)$/,
  }),
  rustc: tool({ asks: /^(-o|--out-dir|-C|--codegen|--emit)|linker/ }),
  rustfmt: (args, look) => {
    for (const arg of args) look.suspect(arg);
    if (!args.includes('--check')) look.ask('contained', 'it changes the files');
  },
  rustup: subcommands('rustup', {
    allow: 'show which',
    contained: 'run',
    beyond: 'update install default toolchain component target self override',
  }),
  go: subcommands('go', {
    allow: 'build test vet list version doc help',
    contained: 'run fmt generate clean fix tool env work',
    beyond: 'telemetry',
    fetches: ['go', 'get install mod'],
    asks: /^--?(exec|toolexec|vettool|overlay|modfile|ldflags|gcflags|asmflags|gccgoflags|pkgdir)(=|$)/,
  }),
  gofmt: (args, look) => {
    for (const arg of args) look.suspect(arg);
    if (args.some((arg) => /^--?w/.test(arg))) look.ask('contained', 'it changes the files');
  },
  'golangci-lint': tool({ asks: /^--fix$/ }),
  staticcheck: tool(),
  gotestsum: tool({ asks: /^--?(raw-command|post-run-command|watch|exec|toolexec|vettool)/ }),
  python,
  python3: python,
  python2: python,
  pypy3: python,
  pip: subcommands('pip', {
    allow: 'list show freeze check help inspect',
    beyond: 'uninstall search config cache debug hash',
    fetches: ['pypi', 'install download wheel index'],
    contained: 'lock',
  }),
  uv: subcommands('uv', {
    allow: 'tree version help',
    contained: 'run venv format',
    beyond: 'remove publish python init build self cache',
    fetches: ['pypi', 'add sync lock pip tool'],
  }),
  poetry: subcommands('poetry', {
    allow: 'show check version env',
    contained: 'run build',
    beyond: 'remove publish config self',
    fetches: ['pypi', 'add install update lock'],
  }),
  pytest: tool({
    asks: /^(-[pco]|--(root|conf|pdb|deb|past|base|junit|over|plug|import))/,
    beyond: /^--pastebin/,
  }),
  'py.test': tool({ asks: /^(-[pco]|--(root|conf|pdb|base|over))/, beyond: /^--pastebin/ }),
  mypy: tool({
    asks: /^--(install|python-e|config|shadow|plugin|cache-dir)/,
    beyond: /^--install-types/,
  }),
  pyright: tool({ asks: /^(-w|--watch|--pythonpath)$/ }),
  ruff: subcommands('ruff', {
    allow: 'check version rule linter config help',
    contained: 'format clean server',
    asks: /^(--fix|--fix-only|--unsafe-fixes|--config|--add-noqa|-w|--watch)(=|$)/,
  }),
  black: formatter(/^(--check|--diff|--version)$/),
  isort: formatter(/^(-c|--check|--check-only|--diff|--version)$/),
  flake8: tool({ asks: /^--(out|app|con|tee|enable-e)/ }),
  pylint: tool({ asks: /^--(load|init|rc|out|gen)/ }),
  tox: tool({ asks: /^(-x|--override|-c|exec)/ }),
  nox: tool({ asks: /^(-f|--noxfile)/ }),
  coverage: subcommands('coverage', {
    allow: 'report html xml json lcov combine debug help',
    contained: 'run erase annotate',
  }),
  unittest: tool(),
  make,
  gmake: make,
  ninja: tool({ asks: /^(-f|-t)/ }),
  just: tool({ asks: /^(-f|--justfile|--shell|--command|-c|--edit|-e)/ }),
  task: tool({ asks: /^(-t|--taskfile|-g)/ }),
  cmake: tool({
    asks: /^(-[PEC]|--(install|open|toolchain|preset|workflow)|-DCMAKE_\w*(COMPILER|LAUNCHER|PROGRAM|TOOLCHAIN|PROJECT))/,
    beyond: /^--install$/,
  }),
  ctest: tool({ asks: /^(-S|-SP|-D|--build-and-test|--submit-index|-M|-T)/ }),
  meson: subcommands('meson', {
    allow: 'test compile introspect setup',
    beyond: 'install subprojects wrap dist',
    contained: 'configure',
  }),
  gcc: tool({ asks: /^(-o|-wrapper|-fplugin|-B|-specs|@)/ }),
  clang: tool({ asks: /^(-o|-fplugin|-Xclang|-B|@)/ }),
  'g++': tool({ asks: /^(-o|-wrapper|-fplugin|-B|-specs|@)/ }),
  'clang++': tool({ asks: /^(-o|-fplugin|-Xclang|-B|@)/ }),
  'clang-format': tool({ asks: /^-i$/ }),
  'clang-tidy': tool({ asks: /^--?(fix|load)/ }),
  shellcheck: tool(),
  shfmt: tool({ asks: /^-(w|-write)/ }),
  hadolint: tool(),
  actionlint: tool({ asks: /^-(shellcheck|pyflakes)/ }),
  javac: tool({ asks: /^(-d|-processor|-J|@|-proc)/ }),
  java: (args, look) => runs(args, look),
  kotlinc: tool({ asks: /^(-script|-d)/ }),
  mvn: tool(jvm),
  mvnw: tool(jvm),
  gradle: tool(jvm),
  gradlew: tool(jvm),
  sbt: tool({ asks: /^(run|publish\w*|console|eval|set|!)|\s/ }),
  dotnet: subcommands('dotnet', {
    allow: 'build test --info --version',
    asks: /^([-/]p|--?property|[-/]logger|-l):?/i,
    contained: 'run format clean publish new sln watch',
    beyond: 'remove nuget workload',
    fetches: ['nuget', 'add restore tool'],
  }),
  swift: subcommands('swift', { allow: 'build test', contained: 'run', beyond: 'package' }),
  rake: tool({ asks: /^(-e|-E|-p|-r|-f)/, beyond: /^(release|deploy|publish|install)/ }),
  rspec: tool({ asks: /^(-r|--require|-I)/ }),
  rubocop: tool({ asks: /^(-a|-A|--auto\w*|-r|--require|--server)/ }),
  gem: subcommands('gem', {
    allow: 'list help environment env which contents specification',
    beyond: 'push uninstall yank owner signin cleanup',
    fetches: ['rubygems', 'install update fetch outdated search info'],
  }),
  bundle: bundle,
  rails: subcommands('rails', {
    allow: 'test about stats routes notes',
    contained: 'server s console c runner generate g db:migrate db:test:prepare',
  }),
  composer: subcommands('composer', {
    allow: 'validate show test check-platform-reqs',
    contained: 'run run-script exec dump-autoload',
    beyond: 'remove global self-update config',
    fetches: ['packagist', 'install update require create-project'],
  }),
  phpunit: tool({ asks: /^--(bootstrap|configuration|cache|generate)/ }),
  phpstan: tool(),
  mix: subcommands('mix', {
    allow: 'test compile credo dialyzer xref',
    contained: 'format run phx.server ecto.migrate',
    beyond: 'hex.publish archive.install local.hex',
    fetches: ['hex', 'deps.get deps.update'],
  }),
  zig: subcommands('zig', { allow: 'build test version ast-check', contained: 'run fmt cc', beyond: 'fetch' }),
  stack: subcommands('stack', {
    asks: /^--exec/,
    allow: 'build test',
    contained: 'exec run ghci',
    beyond: 'install update upgrade',
  }),
  cabal: subcommands('cabal', {
    allow: 'build test check',
    contained: 'run repl',
    beyond: 'install update upload get',
  }),
  dart: subcommands('dart', { allow: 'analyze test', contained: 'run format compile', fetches: ['pub', 'pub'] }),
  flutter: subcommands('flutter', {
    allow: 'analyze test',
    contained: 'run build',
    beyond: 'upgrade',
    fetches: ['pub', 'pub'],
  }),
  terraform: subcommands('terraform', {
    allow: 'validate version',
    contained: 'fmt',
    beyond: 'init plan apply destroy import state login output',
  }),
  // `//a:b` is a target, below the top of the work tree.
  bazel: (args, look, name) =>
    subcommands('bazel', {
      allow: 'build test query info',
      contained: 'run clean',
      asks: /^--(run_under|\w*(spawn|strategy|workspace_status)\w*)/,
    })(
      args.map((arg) => arg.replace(/^\/\//, './')),
      look,
      name,
    ),
  'pre-commit': subcommands('pre-commit', { allow: 'help', contained: 'run', beyond: 'install autoupdate' }),
};

function formatter(onlyLooks: RegExp): Program {
  return (args, look) => {
    for (const arg of args) look.suspect(arg);
    if (!args.some((arg) => onlyLooks.test(arg))) look.ask('contained', 'it changes the files');
  };
}

function runs(args: Word[], look: Look) {
  for (const arg of args) look.suspect(arg);
  if (!args.every((arg) => /^--?version$/.test(arg))) look.ask('contained', 'it runs what it is told');
}

/** `bundle exec` runs a tool of the project. */
function bundle(args: Word[], look: Look) {
  if (args[0] === 'exec' && args.length > 1) return look.run(args.slice(1));
  return subcommands('bundle', {
    allow: 'check list show info outdated',
    contained: 'exec',
    beyond: 'remove config',
    fetches: ['rubygems', 'install update add outdated'],
  })(args, look, 'bundle');
}
