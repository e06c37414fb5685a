import { anything, isLiteral, shown, type Word } from '../shell/word.ts';
import { backupOf } from './archives.ts';
import { parse, program, type Spec, valuesOf } from './flags.ts';
import type { Look, Program } from './look.ts';
import { sedScript } from './sed-script.ts';

const sedSpec: Spec = {
  flags:
    '-n -E -r -z -s -u --quiet --silent --regexp-extended --null-data --separate --unbuffered --posix --debug --sandbox --version --help',
  valued: { '-e --expression -l --line-length': 'text', '-f --file': 'read' },
  asks: { '-i --in-place': 'changes the files' },
};

const sed: Program = (args, look) => {
  const own = args.map((arg) => arg.replace(/^-i[^/]+$/, (flag) => (/^-i[nErszu]*$/.test(flag) ? flag : '-i')));
  const words = parse(sedSpec, own, look);
  const scripts = valuesOf(sedSpec, own, '-e --expression');
  const files = valuesOf(sedSpec, own, '-f --file');
  const fromFile = files.length > 0;
  if (fromFile) look.ask(files.includes('-') ? 'beyond' : 'contained', 'it runs a script from a file');
  const texts = scripts.length > 0 || fromFile ? scripts : words.splice(0, 1);
  for (const text of texts) {
    if (!isLiteral(text)) look.ask('beyond', 'what its script does is known only when it runs');
    else sedScript(text, look);
  }
  const suffixes = args.flatMap(
    (arg) => /^(?:-[nErszu]*i|--in-place=)([^nErszu].*|[nErszu].*[^nErszu].*)$/.exec(arg)?.[1] ?? [],
  );
  const inPlace = own.some((arg) => /^-[nErszu]*i|^--i/.test(arg));
  for (const word of words) {
    if (word !== '-') look.read(word);
    if (inPlace) look.write(word);
    for (const suffix of suffixes) look.write(backupOf(word, suffix));
  }
};

const awkSpec: Spec = {
  flags: '--posix --re-interval --sandbox -S --csv -P -t --version',
  valued: { '-F -v --field-separator --assign': 'text', '-f --file': 'read', '-e --source': 'text' },
  asks: { '-i --include -l --load -E --exec -D --debug': 'runs more than its program' },
};

const awk: Program = (args, look) => {
  const words = parse(awkSpec, args, look);
  const files = valuesOf(awkSpec, args, '-f --file');
  const isRun = args.some((arg) => /^(-E|--ex)/.test(arg));
  const fromFile = files.length > 0 || isRun;
  if (fromFile) look.ask(files.includes('-') ? 'beyond' : 'contained', 'it runs a script from a file');
  for (const value of valuesOf(awkSpec, args, '-v --assign')) look.suspect(value);
  const sources = valuesOf(awkSpec, args, '-e --source');
  for (const text of sources.length > 0 || fromFile ? sources : words.splice(0, 1)) awkScript(text, look);
  for (const word of words)
    if (/^[a-zA-Z_]\w*=/.test(word)) look.suspect(word.slice(word.indexOf('=') + 1));
    else if (word !== '-') look.read(word);
};

/** An awk program needs one of these few words to do more than print; a comparison with > is taken for a file. */
function awkScript(text: Word, look: Look) {
  if (!isLiteral(text)) return look.ask('beyond', 'what its script does is known only when it runs');
  if (!/system|getline|close|fflush|ARG[CV]|ENVIRON|SYMTAB|PROCINFO|@|\||>|</.test(text.replaceAll('||', ''))) return;
  look.ask('contained', 'its script may run programs or write files');
  look.suspect(text);
}

/** An interpreter: a text of its language is only looked through for paths, a file is run. */
export function interpreter(flags: { code: RegExp; spec: Spec; file: string }): Program {
  return (args, look) => {
    const at = args.findIndex((arg) => !arg.startsWith('-') || flags.code.test(arg));
    const own = at === -1 ? args : args.slice(0, at);
    parse(flags.spec, own, look);
    const first = args[at];
    if (args.some((arg) => /^(--version|-v|-V|--help|-h)$/.test(arg)) && args.length === 1) return;
    if (first === undefined || isInput(first)) return fromInput(look);
    if (!flags.code.test(first)) {
      look.read(first);
      look.ask('contained', `it runs ${shown(first)}`);
    } else code(args[at + 1] ?? '', look, first);
    for (const arg of args.slice(at + 1)) look.suspect(arg);
  };
}

function code(text: Word, look: Look, flag: string) {
  if (!isLiteral(text)) look.ask('beyond', 'what its script does is known only when it runs');
  look.ask('contained', `${flag} runs a text`);
  look.suspect(flag.replace(/^-\w/, ''));
}

/** Whether a word names standard input, or what the shell made of `<(…)`: a text that no file holds. */
export function isInput(word: Word): boolean {
  return word === '-' || /^\/(dev\/(stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/.test(word);
}

export function fromInput(look: Look) {
  if (look.input === undefined) return look.ask('beyond', 'what it runs comes from standard input', 'line');
  look.ask('contained', 'it runs a text', 'line');
  look.suspect(look.input);
}

const jq: Program = (args, look) => {
  const words = parse({ anyFlag: true, valued: { '-f --from-file -L': 'read', '--indent': 'text' } }, args, look);
  const fromFile = args.some((arg) => /^(-[a-zA-Z]*f|--fr)/.test(arg));
  for (const word of fromFile ? words : words.slice(1)) look.read(word);
  for (const [at, arg] of args.entries()) {
    if (/^--(slurpfile|rawfile)$/.test(arg)) look.read(args[at + 2] ?? anything);
    if (/^--run-tests/.test(arg)) for (const word of words) look.read(word);
  }
  if (words.slice(0, 1).some((text) => /\b(import|include)\b/.test(text)))
    look.ask('beyond', 'its script reads files that it names');
};

/** A text of a program's own language in which files and programs may stand: nothing of it is known. */
function texts(names: RegExp, why: string): Program {
  return (args, look) => {
    look.ask('contained', why);
    for (const arg of args) {
      look.suspect(arg);
      if (names.test(arg)) look.ask('beyond', 'its text names files or programs');
    }
    if (look.input !== undefined) look.suspect(look.input);
  };
}

const editor = texts(
  /^\+|^-c|!|\b(r|read|w|write|sav|saveas|e|edit|source|so|system|py3?|lua|perl)\b/,
  'an editor can run programs',
);

/** An editor of lines: its commands come from standard input. */
const ed: Program = (args, look, name) => {
  editor(args, look, name);
  for (const arg of args) if (!arg.startsWith('-')) look.write(arg);
  if (look.input === undefined) look.ask('beyond', 'what it does comes from standard input');
  else if (/(^|\n)\s*[\d,$%.;/]*\s*[rweEfW!]/.test(look.input)) look.ask('beyond', 'its text names files or programs');
};

const sqlite = texts(
  /^\s*\.(?!(tables|schema|mode|headers?|databases|indexes|width|dump|fullschema)\b)\w|\b(readfile|writefile|edit|load_extension|fsdir|attach)\b/i,
  'it can change the database and run programs',
);

const vim: Program = (args, look, name) => {
  editor(args, look, name);
  const words = parse({ anyFlag: true, valued: { '-c --cmd -S -s -u -U -w -W -t': 'text' } }, args, look);
  for (const word of words) if (!word.startsWith('+')) look.write(word);
};

export const scripts: Record<string, Program> = {
  jq,
  sed,
  gsed: sed,
  awk,
  gawk: awk,
  mawk: awk,
  nawk: awk,
  perl: interpreter({
    code: /^-[a-zA-Z0-9]*[eE]/,
    spec: { flags: '-w -n -p -l -a -0 -s -t -T -c', asks: { '-i -I -M -m -d -x -F': 'is not looked into' } },
    file: 'script',
  }),
  ruby: interpreter({
    code: /^-[a-zA-Z]*e/,
    spec: { flags: '-w -n -p -l -a -c', asks: { '-i -I -r -C -x': 'is not looked into' } },
    file: 'script',
  }),
  php: interpreter({
    code: /^-(r|B|R|E)/,
    spec: { flags: '-l -n -i -m -v', asks: { '-d -c -z -S -t -f': 'is not looked into' } },
    file: 'script',
  }),
  lua: interpreter({ code: /^-e/, spec: { asks: { '-l -i': 'is not looked into' } }, file: 'script' }),
  Rscript: interpreter({ code: /^-e/, spec: {}, file: 'script' }),
  psql: program({ effect: ['beyond', 'it reaches a database'], words: ['text'], anyFlag: true }),
  mysql: program({ effect: ['beyond', 'it reaches a database'], words: ['text'], anyFlag: true }),
  'redis-cli': program({ effect: ['beyond', 'it reaches a database'], words: ['text'], anyFlag: true }),
  sqlite3: (args, look, name) => {
    sqlite(args, look, name);
    const [file] = args.filter((arg) => !arg.startsWith('-'));
    if (file !== undefined && file !== ':memory:') look.write(file);
  },
  vim,
  vi: vim,
  ex: vim,
  nvim: vim,
  ed,
  less: program({
    effect: ['contained', 'a pager can run programs'],
    words: ['read'],
    anyFlag: true,
    valued: { '-o -O --log-file': 'write' },
  }),
  more: program({ effect: ['contained', 'a pager can run programs'], words: ['read'], anyFlag: true }),
};
