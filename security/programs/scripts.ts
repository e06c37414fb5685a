import { isLiteral, shown, type Word } from '../shell/word.ts';
import { parse, program, type Spec } from './flags.ts';
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
  const scripts = valuesOf(own, /^(-[nErszu]*e|--e\w*=?)/);
  const fromFile = own.some((arg) => /^(-[nErszu]*f|--fi)/.test(arg));
  if (fromFile) look.ask('contained', 'it runs a script from a file');
  const texts = scripts.length > 0 || fromFile ? scripts : words.splice(0, 1);
  for (const text of texts) {
    if (!isLiteral(text)) look.ask('beyond', 'what its script does is known only when it runs');
    else sedScript(text, look);
  }
  const inPlace = own.some((arg) => /^-[nErszu]*i|^--i/.test(arg));
  for (const word of words) {
    if (word !== '-') look.read(word);
    if (inPlace) look.write(word);
  }
};

/** The values of a flag: `-e x`, `-ex`, `--expression=x`. */
function valuesOf(args: Word[], flag: RegExp): Word[] {
  return args.flatMap((arg, at) => {
    const match = flag.exec(arg);
    if (!match || args[at - 1] === '--') return [];
    const rest = arg.slice(match[0].length);
    return [rest === '' ? (args[at + 1] ?? '') : rest];
  });
}

const awk: Program = (args, look) => {
  const spec: Spec = {
    flags: '--posix --re-interval --sandbox -S --csv -P -t',
    valued: { '-F -v --field-separator --assign': 'text', '-f --file': 'read', '-e --source': 'text' },
    asks: { '-i --include -l --load -E --exec -D --debug': 'runs more than its program' },
  };
  const words = parse(spec, args, look);
  const fromFile = args.some((arg) => /^(-[a-zA-Z]*f|--fi|-E|--ex)/.test(arg));
  if (fromFile) look.ask('contained', 'it runs a script from a file');
  for (const value of valuesOf(args, /^(-[a-zA-Z]*v|--as\w*=?)/)) look.suspect(value);
  const sources = valuesOf(args, /^(-[a-zA-Z]*e|--so\w*=?)/);
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
    if (first === undefined || first === '-') return fromInput(look);
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

export function fromInput(look: Look) {
  if (look.input === undefined) return look.ask('beyond', 'what it runs comes from standard input', 'line');
  look.ask('contained', 'it runs a text', 'line');
  look.suspect(look.input);
}

const jq: Program = (args, look) => {
  const words = parse({ anyFlag: true, valued: { '-f --from-file -L': 'read', '--indent': 'text' } }, args, look);
  const fromFile = args.some((arg) => /^(-[a-zA-Z]*f|--fr)/.test(arg));
  for (const word of fromFile ? words : words.slice(1)) look.read(word);
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
  sqlite3: program({
    effect: ['contained', 'it can change the database and run programs'],
    words: ['write', 'text'],
    anyFlag: true,
  }),
  vim: program({ effect: ['contained', 'an editor can run programs'], words: ['write'], anyFlag: true }),
  vi: program({ effect: ['contained', 'an editor can run programs'], words: ['write'], anyFlag: true }),
  ed: program({ effect: ['contained', 'an editor can run programs'], words: ['write'], anyFlag: true }),
  less: program({
    effect: ['contained', 'a pager can run programs'],
    words: ['read'],
    anyFlag: true,
    valued: { '-o -O --log-file': 'write' },
  }),
  more: program({ effect: ['contained', 'a pager can run programs'], words: ['read'], anyFlag: true }),
};
