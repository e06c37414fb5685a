import { instructs } from '../paths/instructing.ts';
import { globMeansSecrets } from '../paths/secret-files.ts';
import { anything, isLiteral, listed, mayBeFlag, shown, type Word, wildcard } from '../shell/word.ts';
import { parse, type Spec, valuesOf } from './flags.ts';
import type { Look, Program } from './look.ts';

const grepSpec: Spec = {
  anyFlag: true,
  valued: {
    '-e --regexp -A -B -C -m --max-count --after-context --before-context --label -D -d': 'text',
    '-f --file --exclude-from': 'read',
    '--include --exclude --exclude-dir --binary-files --devices --directories --group-separator': 'text',
  },
};

const grep: Program = (args, look) => {
  const before = args.slice(0, args.indexOf('--') === -1 ? args.length : args.indexOf('--'));
  const words = parse(grepSpec, args, look);
  const hasPattern = before.some((arg) => /^(-[a-zA-Z0-9]*e|--reg|-[a-zA-Z0-9]*f|--fil)/.test(arg));
  const files = hasPattern ? words : words.slice(1);
  for (const file of files) if (file !== '-') look.read(file);
  const sweeps = sweep(before, /^--include=?/, look);
  const isRecursive =
    before.some((arg) => /^-[a-zA-Z]*[rR]|^--(dereference-)?recursive|^--dir\w*=rec|^-d?rec/.test(arg)) ||
    before.some((arg, at) => /^-[a-zA-Z]*d$|^--dir\w*$/.test(arg) && /^rec/.test(before[at + 1] ?? ''));
  if (isRecursive && files.length === 0) look.read('.');
  if (isRecursive && !sweeps && (files.length === 0 || files.some(isTop)))
    look.ask('contained', 'it reads everything, hidden files too; name folders, or --include');
  // Parts of lines are no names, and neither are numbers of bytes.
  const cuts = before.some((arg) => /^-[a-zA-Z0-9]*[ob]|^--(only|byte|co?u?nt$)/.test(arg));
  if (
    before.some((arg) => /^-[a-zA-Z0-9]*[lL]|^--files-with/.test(arg)) ||
    (look.hasNames && files.length === 0 && !cuts)
  )
    look.lists();
};

function isTop(word: Word): boolean {
  return /^[./*\ue000]*$/.test(word);
}

/** Judges the globs that say which files a program looks into; answers whether there are any. */
function sweep(args: Word[], flag: RegExp, look: Look): boolean {
  let found = false;
  for (const [at, arg] of args.entries()) {
    if (!flag.test(arg)) continue;
    const glob = arg.replace(flag, '') || (args[at + 1] ?? '');
    if (glob.startsWith('!')) continue;
    found = true;
    if (!isLiteral(glob.replaceAll(wildcard, '')) || globMeansSecrets(glob))
      look.ask('beyond', `${shown(glob)} may be files that hold secrets`);
    if (/^[*\ue000]+$/.test(glob)) found = false;
  }
  return found;
}

const rgSpec: Spec = {
  anyFlag: true,
  valued: {
    '-e --regexp -g --glob --iglob -t --type -T --type-not -A -B -C -m -M -d -j -E -r --max-depth --max-count --context':
      'text',
    '--after-context --before-context --replace --sort --sortr --color --colors --encoding --threads --max-columns':
      'text',
    '--type-add --context-separator --engine --max-filesize --pre-glob --path-separator --field-match-separator':
      'text',
    '-f --file --ignore-file': 'read',
  },
  asks: { '--pre': 'runs a program on every file', '--hostname-bin': 'runs a program' },
};

const rg: Program = (args, look) => {
  const words = parse(rgSpec, args, look);
  for (const type of valuesOf(rgSpec, args, '--type-add'))
    if (globMeansSecrets(type.slice(type.indexOf(':') + 1)))
      look.ask('beyond', `${shown(type)} may be files that hold secrets`);
  const hasPattern = args.some((arg) =>
    /^(-[a-zA-Z0-9]*e|--reg|-[a-zA-Z0-9]*f|--files?$|--file=|--type-list)/.test(arg),
  );
  const files = hasPattern ? words : words.slice(1);
  for (const file of files.length === 0 ? ['.'] : files) if (file !== '-') look.read(file);
  const sweeps = sweep(args, /^(--glob|--iglob|-g)=?/, look);
  if (!sweeps && args.some((arg) => /^-[a-zA-Z]*u|^--(hidden|no-ignore|unrestricted)|^-\./.test(arg)))
    look.ask('contained', 'it reads hidden files too');
  const isHidden = args.some((arg) => /^-[a-zA-Z]*[u.]|^--(hidden|no-ig|unr)/.test(arg));
  if (!isHidden && args.some((arg) => /^-[a-zA-Z]*l|^--files/.test(arg))) look.lists();
};

const findTests = new Set(
  '-name -iname -path -ipath -wholename -iwholename -regex -iregex -regextype -type -xtype -size -mtime -atime -ctime -mmin -amin -cmin -maxdepth -mindepth -perm -user -group -uid -gid -links -inum -fstype -printf -used -lname -ilname -context'.split(
    ' ',
  ),
);
const findFlags = new Set(
  '-print -print0 -ls -prune -quit -depth -d -empty -executable -readable -writable -daystart -follow -mount -xdev -noleaf -ignore_readdir_race -warn -nowarn -not -a -and -o -or -true -false -H -L -P ! ( ) , -O1 -O2 -O3 -nouser -nogroup'.split(
    ' ',
  ),
);

/** The folders in which a search begins. */
function startsOf(args: Word[]): Word[] {
  const end = args.findIndex((arg) => /^[-(!]/.test(arg));
  return end === -1 ? args : args.slice(0, end);
}

/** Whether each alternative of an expression says which names it means; one that leaves a folder out (`-prune`) does. */
function namesAll(args: Word[]): boolean {
  if (args.includes(',')) return false;
  const branches: Word[][] = [[]];
  for (const arg of args) {
    if (/^-or?$/.test(arg)) branches.push([]);
    else branches.at(-1)!.push(arg);
  }
  return branches.every((branch) =>
    branch.some((arg, at) => {
      if (arg === '-prune') return true;
      const isTest = /^-i?(name|path)$/.test(branch[at - 1] ?? '') && !/^(!|-not)$/.test(branch[at - 2] ?? '');
      return isTest && !/^[*.]*$/.test(arg);
    }),
  );
}

const find: Program = (args, look) => {
  let isPlain = true;
  // Without a name to look for, or with an expression, the search may find any file there.
  const isSwept = namesAll(args);
  const isFolder = /^\w/.test(args[0] ?? '');
  const names =
    !startsOf(args).every((word) => look.isKnown(word)) ||
    args.some((arg) => arg !== '{}' && (globMeansSecrets(arg) || instructs(arg))) ||
    args.some((arg) => /^-i?regex$/.test(arg)) ||
    !(isSwept || isFolder)
      ? anything
      : listed;
  const start = startsOf(args).length;
  let at = 0;
  for (; at < start; at += 1) {
    look.names(args[at]!);
    if (mayBeFlag(args[at]!))
      look.ask('contained', `${shown(args[at]!)} could be taken for a flag; write ./ before it`);
  }
  for (; at < args.length; at += 1) {
    const arg = args[at]!;
    if (findFlags.has(arg)) continue;
    const value = args[at + 1] ?? '';
    if (findTests.has(arg)) {
      at += 1;
      if (!isLiteral(value)) look.ask('contained', `what ${arg} is given could be taken for a flag; put it in quotes`);
      if (arg === '-printf') isPlain = false;
    } else if (/^-(newer\w*|samefile)$/.test(arg)) {
      at += 1;
      look.names(value);
    } else if (/^-(exec|execdir|ok|okdir)$/.test(arg)) {
      const end = args.findIndex(
        (word, index) => index > at && (word === ';' || (word === '+' && args[index - 1]?.includes('{}'))),
      );
      const words = args.slice(at + 1, end === -1 ? undefined : end);
      look.run(
        words.map((word) => word.replaceAll('{}', names)),
        { names: false },
      );
      isPlain = false;
      if (end === -1) return look.ask('beyond', `${arg} has no end`);
      at = end;
    } else if (arg === '-delete') {
      deletes(args, look);
    } else if (/^-f(print|printf|print0|ls)$/.test(arg)) {
      look.write(value);
      at += arg === '-fprintf' ? 2 : 1;
    } else if (arg === '-files0-from') {
      look.read(value);
      at += 1;
    } else {
      look.ask('contained', `nothing is known of its word ${shown(arg)}`);
      look.suspect(arg);
    }
  }
  if (isPlain && names === listed) look.lists();
};

/** `find … -delete`. */
function deletes(args: Word[], look: Look) {
  const starts = startsOf(args);
  const tests = args.slice(starts.length).join('\0');
  // Anything but a name, a kind and a depth before -delete may turn the meaning round.
  const plain = /^(?:-(?:maxdepth|mindepth)\0\d+\0|-type\0[fd]\0|-name\0([^\0]+)\0)*-delete$/.exec(tests);
  const name =
    plain?.[1] !== undefined && tests.split('-name\0').length === 2 && !/[[\]\\]/.test(plain[1]) ? plain[1] : undefined;
  const isNamed = name !== undefined;
  if (isNamed && madeAgain.test(name) && starts.every((word) => look.isKnown(word)))
    return look.ask('contained', 'it deletes files that tools make again');
  const why = 'it deletes what nobody may be able to bring back';
  const names = isNamed && !/^[*?.]*$/.test(name) ? name : undefined;
  look.destroys(starts.length === 0 ? ['.'] : starts, why, { names });
}

/** Names of files that tools make again when they miss them. */
const madeAgain = /^(\*\.py[co]|__pycache__|\.pytest_cache|\*\.(o|obj|class|tmp|swp|rej)|\.DS_Store|\*~)$/;

const fd: Program = (args, look) => {
  const at = args.findIndex((arg) => /^(-x|-X|--exec|--exec-batch)/.test(arg));
  const own = at === -1 ? args : args.slice(0, at);
  const spec: Spec = {
    flags: '-H -I -u -s -i -g -F -a -l -L -p -0 -1 -q --hidden --no-ignore --glob --absolute-path --print0',
    valued: {
      '-e -t -d -E -S -c --extension --type --max-depth --min-depth --exclude --size --color': 'text',
      '--search-path --base-directory -C --ignore-file': 'names',
    },
    words: ['text', 'names'],
  };
  const words = parse(spec, own, look);
  for (const ending of valuesOf(spec, own, '-e --extension'))
    if (globMeansSecrets(`*.${ending}`)) look.ask('beyond', `files ending in ${shown(ending)} may hold secrets`);
  for (const word of words.slice(1)) look.names(word);
  if (at !== -1) look.run([...args.slice(at + 1).map((word) => word.replaceAll(/\{[/.]*\}/g, listed)), listed]);
  if (at !== -1 && !/^(-x|-X|--exec|--exec-batch)$/.test(args[at]!))
    look.ask('contained', 'it runs a program on every file');
  else if (at === -1 && !own.some((arg) => /^-[a-zA-Z]*[HIu]|^--(hidden|no-ig|unr)/.test(arg))) look.lists();
};

const ag: Program = (args, look) => {
  const words = parse(
    {
      anyFlag: true,
      valued: { '-G -A -B -C -m': 'text', '-p --path-to-ignore': 'read' },
      asks: { '--pager': 'runs a program' },
    },
    args,
    look,
  );
  for (const [at, arg] of args.entries())
    if (/^(-G|--file-search-regex)$/.test(arg) && globMeansSecrets(args[at + 1] ?? ''))
      look.ask('beyond', `${shown(args[at + 1] ?? '')} may be files that hold secrets`);
  for (const word of words.length < 2 ? ['.'] : words.slice(1)) look.read(word);
  if (args.some((arg) => /^(-[a-z]*[uaU]|--hidden|--unrestricted|--all)/.test(arg)))
    look.ask('contained', 'it reads hidden files too');
};

export const search: Record<string, Program> = {
  grep,
  egrep: grep,
  fgrep: grep,
  zgrep: grep,
  rg,
  find,
  fd,
  fdfind: fd,
  ag,
};
