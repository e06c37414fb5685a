import { endsAsFile } from '../paths/file-endings.ts';
import { mayBeSecretPath } from '../paths/secret-files.ts';
import { anything, isLiteral, shown, type Word, wildcard } from '../shell/word.ts';
import { parse, type Spec, valuesOf } from './flags.ts';
import type { Look, Program } from './look.ts';

/** The flags before the subcommand. */
const before: Spec = {
  flags:
    '--no-pager -P --version -v --help -h --no-optional-locks --literal-pathspecs --no-replace-objects --glob-pathspecs --icase-pathspecs --html-path --man-path',
  asks: {
    '-p --paginate': 'runs a pager',
    '--bare': 'takes another repository',
    '--exec-path': 'runs programs from elsewhere',
  },
  valued: {
    '-c --config-env': 'text',
    '-C': 'read',
    '--git-dir --work-tree --namespace --super-prefix': 'names',
    '--list-cmds': 'text',
  },
};

/** Settings that only change what output looks like. */
const plainSetting =
  /^(color\.\w+|core\.quotepath|log\.\w+|diff\.(renames|renameLimit|algorithm|context)|core\.pager=cat$|advice\.\w+|column\.ui)(=|$)/i;

const dangerous: NonNullable<Spec['asks']> = {
  '--ext-diff': 'runs a program that the repository names',
  '--textconv': 'runs a program that the repository names',
  '--filters': 'runs a program that the repository names',
  '-O --open-files-in-pager': 'runs a pager',
  '--show-signature': 'runs gpg',
  '--upload-pack --receive-pack --exec': 'runs a program',
};

const looks: Spec = {
  anyFlag: true,
  asks: dangerous,
  beyond: { '--batch --batch-command': 'shows objects that are known only when it runs' },
  valued: {
    '--output': 'write',
    // Only flags that take a value in every subcommand: any other word is judged as a path.
    '-S -G --since --until --after --before --author --committer --grep --date': 'text',
    '-X --exclude-from --ignore-revs-file --contents': 'read',
  },
};

const looking = new Set(
  'status log diff show blame annotate ls-files ls-tree cat-file rev-parse rev-list describe shortlog merge-base name-rev for-each-ref show-ref diff-tree diff-index diff-files count-objects check-ignore check-attr whatchanged cherry range-diff show-branch version help var merge-tree'.split(
    ' ',
  ),
);

/** Subcommands that change the index or files of the work tree; a diff shows the change. */
const changing = new Set(
  'add rm mv apply format-patch archive init mktemp hash-object check-mailmap stripspace'.split(' '),
);

/** Subcommands that change commits or branches: a person has to want that. */
const owned = new Set('commit branch switch tag merge rebase cherry-pick revert am notes worktree'.split(' '));

const needsNetwork = new Set(
  'push fetch pull clone ls-remote send-email request-pull svn p4 cvsimport daemon remote-http lfs fetch-pack send-pack'.split(
    ' ',
  ),
);

/** Subcommands of which some forms only look: the words of those forms. */
const sometimes: Record<string, (args: Word[]) => boolean> = {
  branch: (args) =>
    args.every((arg) =>
      /^(-[avr]+|-vv|--(list|all|remotes|show-current|verbose|no-color|sort=\S+|format=.*|column|contains|merged|no-merged))$/.test(
        arg,
      ),
    ) ||
    (args[0] === '--list' && args.length === 2) ||
    (/^--(contains|merged|no-merged)$/.test(args[0] ?? '') && args.length === 2),
  tag: (args) =>
    args.every((arg) => /^(-l|-n\d*|--list|--sort=\S+|--format=.*)$/.test(arg)) ||
    (/^(-l|--list)$/.test(args[0] ?? '') && args.length === 2),
  stash: (args) => args[0] === 'list' || args[0] === 'show',
  remote: (args) => args.length === 0 || (args.length === 1 && args[0] === '-v') || args[0] === 'get-url',
  config: (args) =>
    // One name alone asks for its value.
    (args.length === 1 && /^[a-z][\w-]*(\.[\w./-]+)+$/i.test(args[0]!)) ||
    /^(--get|--get-all|--list|-l|--get-regexp|get|list)$/.test(
      args.filter((arg) => !/^--(local|show-origin|name-only|global|system|includes|null|worktree)$/.test(arg))[0] ??
        '',
    ),
  worktree: (args) => args[0] === 'list',
  reflog: (args) => args.every((arg) => /^-\d+$/.test(arg)) || args[0] === 'show',
  notes: (args) => args[0] === 'show' || args[0] === 'list',
  bisect: (args) => args[0] === 'log',
  submodule: (args) => args[0] === 'status' || args.length === 0,
};

/** A mistake here would cost much: a subcommand that no list above names is asked, for it may be an alias. */
export const git: Program = (args, look) => {
  const split = subcommandAt(args);
  parse(before, args.slice(0, split), look);
  for (const [at, arg] of args.slice(0, split).entries()) {
    if (arg === '-c') setting(args[at + 1] ?? '', look);
    if (/^(-c.|--config-env|--exec-path=|--namespace)/.test(arg))
      look.ask('contained', `${shown(arg)} can run programs`);
    if (/^--(git-dir|work-tree)/.test(arg)) look.ask('beyond', `${shown(arg)} takes another repository or folder`);
  }
  const [name, ...rest] = args.slice(split);
  if (name === undefined) return;
  look.canonical(['git', name, ...rest]);
  const folder = args.slice(0, split).flatMap((arg, at) => (arg === '-C' ? [args[at + 1] ?? anything] : []));
  subcommand(name, rest, folder.length === 0 ? look : lookIn(folder.join('/'), look));
};

/** `-c name=value`: some values are lines that git has a shell run. */
function setting(word: Word, look: Look) {
  if (plainSetting.test(word)) return;
  const [name = '', ...rest] = word.split('=');
  const value = rest.join('=').replace(/^!/, '');
  const leadsAway = /^(core\.worktree|include|includeif|core\.(attributes|excludes)file)\b/i.test(name);
  look.ask(leadsAway ? 'beyond' : 'contained', 'a setting can run programs, or take other files');
  if (
    /external|fsmonitor|pager|editor|textconv|command|helper|program|cmd|filter|alias|askpass|hookspath|ssh|proxy/i.test(
      name,
    )
  ) {
    look.script(value);
    look.suspect(value);
  }
}

function subcommandAt(args: Word[]): number {
  let at = 0;
  while (at < args.length && args[at]!.startsWith('-'))
    at += /^(-c|-C|--git-dir|--work-tree|--namespace|--super-prefix|--config-env)$/.test(args[at]!) ? 2 : 1;
  return Math.min(at, args.length);
}

/** Paths as they are seen from another folder. */
function lookIn(folder: Word, look: Look): Look {
  const at = (word: Word) => (/^[/~]/.test(word) ? word : `${folder}/${word}`);
  return {
    ...look,
    read: (word, how) => look.read(at(word), how),
    names: (word) => look.names(at(word)),
    write: (word, how) => look.write(at(word), how),
    suspect: (word, how) => look.suspect(at(word), how),
    destroys: (words, why, how) => look.destroys(words.map(at), why, how),
    isKnown: (word) => look.isKnown(at(word)),
  };
}

function subcommand(name: Word, args: Word[], look: Look) {
  if (!isLiteral(name)) return look.ask('beyond', 'what git is to do is known only when it runs');
  if (args.includes('--help') && looking.has(name)) return;
  if (name === 'grep') return grep(args, look);
  if (looking.has(name) || (Object.hasOwn(sometimes, name) && sometimes[name]!(args))) return only(name, args, look);
  if (
    needsNetwork.has(name) ||
    (name === 'remote' && args[0] === 'show') ||
    (name === 'submodule' && args[0] === 'update')
  )
    return look.ask('beyond', `git ${name} needs the network`, 'program', 'network');
  if (changing.has(name)) return change(name, args, look);
  if (name === 'restore' || name === 'checkout') return restore(name, args, look);
  if (owned.has(name)) return look.ask('beyond', `git ${name} changes the repository itself, with its hooks`);
  if (name === 'clean' || name === 'reset' || name === 'stash')
    return look.ask('beyond', `git ${name} can destroy what nobody could bring back`);
  if (/^(difftool|mergetool|credential.*|hook|filter-branch|shell|instaweb|gui|citool)$/.test(name))
    return look.ask('beyond', `git ${name} runs other programs`);
  for (const arg of args) look.suspect(arg);
  look.ask('beyond', `git ${name} is not known to only look`);
}

/** Files that are brought back to an earlier state; a name without `--` is one only if it cannot be a branch. */
function restore(name: string, args: Word[], look: Look) {
  const at = args.indexOf('--');
  const words = (at === -1 ? args : args.slice(at + 1)).filter((arg) => !arg.startsWith('-'));
  const plain = /^(-q|--quiet|--source=[\w~^@{}./-]+|-s[\w~^@./-]+|--worktree|-W|--)$/;
  const before = at === -1 ? [] : args.slice(0, at).filter((arg) => !arg.startsWith('-'));
  const isOfFiles =
    words.length > 0 &&
    before.length <= 1 &&
    args.every((arg) => !arg.startsWith('-') || plain.test(arg)) &&
    (at !== -1 || name === 'restore' || words.every((word) => endsAsFile(word)));
  const why = `git ${name} can destroy what nobody could bring back`;
  const paths = words.map(pathOf);
  if (!isOfFiles || paths.some((path) => path === null || /^[./*\ue000]*$/.test(path))) return look.ask('beyond', why);
  for (const path of paths as Word[]) look.write(path, 'itself');
  look.destroys(paths as Word[], why);
}

/**
 * The path that a pathspec means: without git's signs in front (`:(icase)`, `:/`, `:!`), with its own wildcards as those
 * of the shell. Null: it leaves files out.
 */
function pathOf(spec: Word): Word | null {
  const magic = /^:(\(([^)]*)\)|[/!^:]*)/.exec(spec)?.[0] ?? '';
  if (/[!^]|exclude/.test(magic)) return null;
  const path = spec.slice(magic.length);
  if (/literal/.test(magic)) return path;
  return path.replace(/\\(.)|\[[^\]]*\]|[*?]/g, (_sign, plain: string | undefined) => plain ?? wildcard);
}

/** The path behind a revision: `HEAD~1:a.ts`, `HEAD@{10:00}:a.ts`, `:2:a.ts`. Undefined: the word is no such path. */
function pathInRevision(word: Word): Word | undefined {
  return /^(?:[^:{}]|\{[^}]*\})*:(?:[0-3]:)?(.*)$/s.exec(word)?.[1];
}

function only(name: string, args: Word[], look: Look) {
  const words = parse(looks, args, look);
  const paths = args.includes('--') ? args.slice(args.indexOf('--') + 1) : words;
  // Files outside the repository are opened as by any program.
  const how = args.includes('--no-index') ? undefined : 'itself';
  let isPlain = true;
  for (const word of words) {
    const isSpec = /^:([(/!^]|$)/.test(word);
    const inRevision = isSpec ? undefined : pathInRevision(word);
    if (inRevision === undefined && !paths.includes(word)) continue; // a revision
    const path = pathOf(word);
    if (path !== null && path !== '' && (isSpec || inRevision === undefined || /^[/.~]/.test(word)))
      look.read(path, how);
    if (inRevision !== undefined && inRevision !== '') look.read(inRevision, how);
    isPlain &&= path === null || !mayBeSecretPath(path, wildcard);
  }
  if (showsContent(name, args) && !namesPaths(args, words)) look.read('.');
  if (isPlain && printsNames(name, args)) look.lists();
}

/** Whether it prints names of files and nothing else: not words of a format or of a commit. */
function printsNames(name: string, args: Word[]): boolean {
  const formats = args.flatMap((arg) => /^--(?:format|pretty)=(.*)$/s.exec(arg)?.[1] ?? []);
  // Files that git does not follow may be anything.
  if (name === 'ls-files') return formats.length === 0 && !args.some((arg) => /^-[a-z]*[oi]|^--(oth|ign)/.test(arg));
  const isQuiet = formats.length > 0 && formats.every((format) => /^(format:|tformat:)?$/.test(format));
  return args.includes('--name-only') && (isQuiet || /^diff/.test(name));
}

/** Whether it shows the present or past content of files, not only names, counts of changes or messages. */
function showsContent(name: string, args: Word[]): boolean {
  if (
    args.some((arg) => /^(-[a-zA-Z]*[pucmUL]\S*|--patch\S*|--unified\S*|--cc|--remerge-diff|--word-diff\S*)$/.test(arg))
  )
    return true;
  if (!/^(diff|show|stash|whatchanged|diff-(tree|index|files)|range-diff|merge-tree|cat-file)$/.test(name))
    return false;
  return !args.some((arg) =>
    /^(--(stat|numstat|shortstat|dirstat|summary|name-only|name-status|quiet|raw|check)|-[set]|list)$/.test(arg),
  );
}

/** Whether paths behind `--`, or of a revision, say which files it is about. */
function namesPaths(args: Word[], words: Word[]): boolean {
  const at = args.indexOf('--');
  if (at !== -1) return at < args.length - 1 && args.slice(at + 1).every((arg) => !arg.startsWith(':'));
  return words.some((word) => /^[^:]+:./.test(word));
}

const grepSpec: Spec = {
  ...looks,
  valued: { ...looks.valued, '-e': 'text', '-f': 'read', '-A -B -C -m --max-depth --threads --max-count': 'text' },
  beyond: { ...looks.beyond, '-O --open-files-in-pager': 'runs a pager' },
};

function grep(args: Word[], look: Look) {
  const words = parse(grepSpec, args, look);
  if (args.some((arg) => /^--(no-in|untr|no-exclude)/.test(arg))) look.ask('beyond', 'it reads files that git ignores');
  const hasPattern = valuesOf(grepSpec, args, '-e -f').length > 0;
  const paths = (hasPattern ? words : words.slice(1)).map((word) =>
    /^:[(/!^]/.test(word) ? pathOf(word) : pathOf(pathInRevision(word) ?? word),
  );
  const how = args.includes('--no-index') ? undefined : 'itself';
  for (const path of paths) if (path !== '' && path !== null) look.read(path, how);
  // Without a path, or with a revision alone, it goes through the whole tree.
  if (paths.every((path, at) => path === '' || path === null || (at === 0 && /^[\w@^~-]+$/.test(path)))) look.read('.');
  if (args.some((arg) => /^-[a-zA-Z]*l|^--(files-with|name-only)/.test(arg))) look.lists();
}

function change(name: string, args: Word[], look: Look) {
  look.ask('contained', `git ${name} changes the work tree or its index`);
  const spec: Spec = {
    anyFlag: true,
    asks: { ...dangerous },
    beyond: {
      '--remote': 'needs the network',
      '--unsafe-paths': 'writes outside',
      '--template --separate-git-dir': 'takes hooks from elsewhere',
    },
    valued: { '-o --output --output-directory': 'write', '--directory': 'write', '--format --prefix -m': 'text' },
  };
  const words = parse(spec, args, look);
  for (const word of words) {
    const path = pathOf(word) ?? '.';
    if (name === 'rm' || name === 'mv') look.write(path, 'itself');
    else {
      if (name === 'add' && path !== '') look.read(path, 'itself');
      look.suspect(word, name === 'add' ? 'itself' : 'may write');
    }
  }
  const isForced = args.some((arg) => /^-[a-zA-Z]*f|^--f/.test(arg));
  if (name === 'add' && isForced) look.ask('beyond', 'it takes what git ignores');
  if (name === 'mv' && isForced) look.destroys(words.slice(-1), 'it overwrites a file');
  if (name === 'archive' || name === 'format-patch') {
    look.read('.');
    for (const word of words) look.read(pathOf(word) ?? '.');
  }
  if (name === 'rm' && args.some((arg) => /^-[a-z]*[rf]|^--f/.test(arg)))
    look.ask('beyond', 'it removes what nobody could bring back');
}
