import { isInput } from '../programs/scripts.ts';
import { type Finding, newPart, type Part } from './finding.ts';
import { directoriesAt, touch } from './paths.ts';
import { type End, forget, inherited, type Scope, stays, subshell, union } from './scope.ts';
import { judgeVariable } from './variables.ts';
import { anything, isLiteral, listed, shown, type Word } from './word.ts';

type Given = {
  args: Word[];
  part: Part;
  scope: Scope;
  outer: Scope;
  judgeWords(words: Word[], part: Part, scope: Scope, outer?: Scope): End;
  ask(risk: Finding['risk'], why: string, about?: Finding['about']): void;
};

const harmless = (given: Given) => stays(given.scope);

/** Commands of the shell itself: their changes hold for the rest of the line. */
export const builtins: Record<string, (given: Given) => End> = {
  ...Object.fromEntries(
    [
      ':',
      'true',
      'false',
      'exit',
      'return',
      'break',
      'continue',
      'shift',
      'times',
      'type',
      'umask',
      'ulimit',
      'unalias',
    ].map((name) => [name, harmless]),
  ),
  jobs: (given) => (given.args.length > 0 ? changesMeaning(given) : stays(given.scope)),
  hash: (given) => (given.args.length > 0 ? changesMeaning(given) : stays(given.scope)),
  cd: changeDirectory,
  chdir: changeDirectory,
  read: setNames,
  unset: setNames,
  wait: (given) =>
    given.args.every((arg) => !arg.startsWith('-') || arg === '-n') ? stays(given.scope) : setNames(given),
  getopts: setNames,
  export: declare,
  readonly: declare,
  local: declare,
  declare,
  typeset: declare,
  set: setOptions,
  eval: evaluate,
  '.': source,
  source,
  exec: (given) => sameShell(given, given.args),
  command: runOrLook,
  builtin: (given) => sameShell(given, given.args),
  trap,
  test: testFiles,
  '[': testFiles,
  alias: changesMeaning,
  enable: changesMeaning,
  shopt: changesMeaning,
  let: changesMeaning,
  mapfile: changesMeaning,
  readarray: changesMeaning,
  bind: changesMeaning,
  complete: changesMeaning,
  compgen: changesMeaning,
  fc: changesMeaning,
  history: changesMeaning,
  pushd: changesMeaning,
  popd: changesMeaning,
  printf: printf,
};

function changesMeaning(given: Given): End {
  given.ask('beyond', 'it changes what the rest of the line means', 'line');
  forget(given.scope);
  return { ok: [null], failed: [null] };
}

function changeDirectory(given: Given): End {
  const { args, part, scope } = given;
  const words = args.filter((word, at) => !(/^-[LPe@]+$/.test(word) || (word === '--' && at < 2)));
  const [word] = words;
  if (word === undefined || word === '-' || words.length > 1 || word.startsWith('-')) {
    given.ask('beyond', 'where it goes is not known', 'line');
    return { ok: [null], failed: scope.directories };
  }
  touch(part, word === '' ? '.' : word, 'names', scope);
  part.reads = [];
  return {
    ok: union(
      [],
      scope.directories.flatMap((from) => directoriesAt(word, from, scope.tops)),
    ),
    failed: scope.directories,
  };
}

function setNames(given: Given): End {
  const { args, scope, part } = given;
  const isRead = part.words[0] === 'read';
  for (const word of args) {
    // Some shells have `a[…]` calculated, and with it what stands in it run.
    if (!isLiteral(word) || /^-?\w+\[/.test(word))
      given.ask('beyond', `some shells run what stands in ${shown(word)}`, 'line');
    if (!isLiteral(word)) forget(scope);
    else if (/^\w+$/.test(word)) scope.variables.set(word, isRead && scope.names ? listed : anything);
  }
  return stays(scope);
}

function declare(given: Given): End {
  const { args, scope, part } = given;
  for (const word of args) {
    const [name = '', ...rest] = word.split('=');
    if (name.includes('[')) given.ask('beyond', `some shells run what stands in ${shown(word)}`, 'line');
    // A reference and a calculated value make later words of the line mean something else.
    if (/^-\w*[nia]/.test(name))
      given.ask('beyond', `what ${part.words[0]} ${shown(name)} makes of a name is not known`, 'line');
    if (!isLiteral(name) || /^-\w*[^xpr]/.test(name)) {
      given.ask('contained', `what ${part.words[0]} does here is not known`, 'line');
      forget(scope);
    } else if (!name.startsWith('-')) {
      judgeVariable(name, rest.join('='), part, true);
      const isKnown = rest.length > 0 && scope.certain && !scope.variables.has(name);
      scope.variables.set(name, isKnown ? rest.join('=') : anything);
    }
  }
  return stays(scope);
}

function setOptions(given: Given): End {
  const { args, scope } = given;
  if (!/^((-[eux]+|\+[eux]+|-o|\+o|pipefail|errexit|nounset|xtrace|-[eux]*o)( |$))*$/.test(args.join(' ')))
    given.ask('contained', 'it changes how the shell reads the rest of the line', 'line');
  return stays(scope);
}

function evaluate(given: Given): End {
  const { args, scope } = given;
  forget(scope);
  if (!args.every(isLiteral)) {
    given.ask('beyond', 'which commands it runs is known only when it runs', 'line');
    return { ok: [null], failed: [null] };
  }
  given.ask('contained', 'it has the shell read its words once more', 'line');
  return scope.line.walkText(args.join(' '), scope);
}

function source(given: Given): End {
  const { args, part, scope } = given;
  const [word = anything] = args;
  if (isInput(word)) {
    if (scope.input === undefined || !word.startsWith('/dev/stdin'))
      given.ask('beyond', 'what it runs comes from standard input', 'line');
    else scope.line.walkText(scope.input, { ...scope, input: undefined });
  }
  touch(part, word, 'read', scope, 'line');
  given.ask('contained', 'it runs a file in this shell');
  forget(scope);
  // Scripts of Python's virtual environments change no folder.
  return /(^|\/)bin\/activate$/.test(word) ? stays(scope) : { ok: [null], failed: [null] };
}

function sameShell(given: Given, words: Word[]): End {
  if (words.length === 0) return stays(given.scope);
  if (words[0]?.startsWith('-')) given.ask('beyond', `nothing is known of its flag ${words[0]}`, 'line');
  return given.judgeWords(words[0]?.startsWith('-') ? words.slice(1) : words, inner(given), given.scope, given.outer);
}

function inner({ scope }: Given): Part {
  const part = newPart([]);
  scope.line.parts.push(part);
  return part;
}

function runOrLook(given: Given): End {
  const [first] = given.args;
  if (first === '-v' || first === '-V') return stays(given.scope);
  return sameShell(given, first === '-p' || first === '--' ? given.args.slice(1) : given.args);
}

function trap(given: Given): End {
  const [script = '-'] = given.args[0] === '--' ? given.args.slice(1) : given.args;
  if (script === '-' || script === '' || script.startsWith('-')) return stays(given.scope);
  if (!isLiteral(script)) given.ask('beyond', 'which commands it runs is known only when it runs', 'line');
  else
    given.scope.line.walkText(
      script,
      subshell(given.scope, { variables: inherited(given.scope), directories: [null, ...given.scope.directories] }),
    );
  return stays(given.scope);
}

function testFiles(given: Given): End {
  const { args, part, scope } = given;
  for (const [at, word] of args.entries()) {
    const before = args[at - 1] ?? '';
    if (/^-[abcdefghkprsuwxLSNOG]$/.test(before)) touch(part, word, 'names', scope);
    if (/^-[vR]$/.test(word)) {
      const isName = /^\w+$/.test(args[at + 1] ?? '');
      given.ask(isName ? 'contained' : 'beyond', `shells disagree on what ${word} means`);
    }
  }
  return stays(scope);
}

function printf(given: Given): End {
  const [first = ''] = given.args;
  if (first.startsWith('-v')) return setNames({ ...given, args: [first.slice(2), ...given.args.slice(1)] });
  return stays(given.scope);
}
