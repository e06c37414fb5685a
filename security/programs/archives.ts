import { basename } from 'node:path/posix';
import { type Word, wildcard } from '../shell/word.ts';
import { parse, program, type Spec, valuesOf } from './flags.ts';
import type { Look, Program } from './look.ts';

/** Flags of tar whose value is a program or a line for a shell. */
const programFlags =
  '-I --use-compress-program --to-command --checkpoint-action -F --info-script --new-volume-script --rsh-command --rmt-command';

function tarSpec(isListing: boolean, isWriting: boolean): Spec {
  return {
    flags:
      '-t -v -z -j -J -a -p -k -m -O -w -h --list --gzip --bzip2 --xz --zstd --verbose --keep-old-files --numeric-owner --no-same-owner --wildcards',
    valued: {
      '-f --file': isListing && !isWriting ? 'read' : 'write',
      '-C --directory': isWriting ? 'write' : 'names',
      '-T --files-from -X --exclude-from': 'read',
      '--exclude --strip-components --transform --owner --group --mode --format --checkpoint': 'text',
      [programFlags]: 'text',
    },
    asks: {
      '-x -c -r -u -A --extract --get --create --append --update --delete --concatenate': 'writes files',
      [programFlags]: 'runs a program',
    },
    beyond: { '-P --absolute-names': 'writes outside', '--remove-files': 'removes what it packs' },
  };
}

/** `tar cfv a.tar b`: letters without a dash take their values from the words behind them, in their order. */
function withDashes([first = '', ...rest]: Word[]): Word[] {
  if (!/^[a-zA-Z]+$/.test(first)) return [first, ...rest];
  const values = [...rest];
  const flags = [...first].flatMap((letter) =>
    /[fbCTXIFgKNLH]/.test(letter) ? [`-${letter}`, values.shift() ?? ''] : [`-${letter}`],
  );
  return [...flags, ...values];
}

const tar: Program = (args, look) => {
  const given = withDashes(args);
  const letters = given.filter((arg) => /^-[a-zA-Z]/.test(arg)).join('');
  const isListing = /^[^c]*t/.test(letters.replaceAll('-', '')) || given.includes('--list');
  const isWriting = /[xcruA]/.test(letters) || given.some((arg) => /^--(ex|cr|app|up|del|cat|get)/.test(arg));
  const isExtracting = /x/.test(letters) || given.some((arg) => /^--(ex|get)/.test(arg));
  const spec = tarSpec(isListing, isWriting);
  // What it takes out may lie anywhere below, and is named when only some of it is wanted.
  for (const word of parse(spec, given, look)) look[isExtracting ? 'write' : 'read'](word);
  for (const line of valuesOf(spec, given, programFlags)) runs(line.replace(/^exec=/, ''), look);
  for (const file of valuesOf(spec, given, '-f --file')) {
    if (/^[^/]*:/.test(file)) look.ask('beyond', 'it reaches another machine', 'program', 'network');
    if (file !== '-') look.read(file);
  }
};

/** A line that a shell runs: it is judged, and looked through for paths. */
function runs(line: Word, look: Look) {
  look.script(line);
  look.suspect(line);
}

const unzip: Program = (args, look) => {
  const isListing = args.some((arg) => /^-[lvtZz]/.test(arg));
  if (!isListing) look.ask('contained', 'it writes files');
  const spec: Spec = { anyFlag: true, valued: { '-d': 'write', '-x -P': 'text' }, beyond: { '-:': 'writes outside' } };
  const [file, ...members] = parse(spec, args, look);
  if (file !== undefined) look.read(file);
  if (!isListing) for (const member of members) look.write(member);
};

/** Programs that pack one file, or unpack it to its name without the last ending. */
const packer: Program = (args, look) => {
  look.ask('contained', 'it writes files');
  const spec: Spec = { anyFlag: true, valued: { '-S --suffix -T --threads': 'text', '-o': 'write' } };
  for (const word of parse(spec, args, look)) {
    look.write(word);
    look.write(word.replace(/\.\w+$/, ''));
  }
};

const splitSpec: Spec = {
  anyFlag: true,
  valued: { '-l -b -n -a -C --lines --bytes --number --suffix-length --additional-suffix': 'text', '--filter': 'text' },
};

/** `split file prefix`: pieces with names that begin so. */
const split: Program = (args, look) => {
  look.ask('contained', 'it writes files');
  const [file, prefix = 'x'] = parse(splitSpec, args, look);
  if (file !== undefined && file !== '-') look.read(file);
  look.write(`${prefix}${wildcard}`);
  for (const line of valuesOf(splitSpec, args, '--filter')) runs(line, look);
};

const csplitSpec: Spec = { anyFlag: true, valued: { '-f --prefix -b --suffix-format -n --digits': 'text' } };

const csplit: Program = (args, look) => {
  look.ask('contained', 'it writes files');
  const [file] = parse(csplitSpec, args, look);
  if (file !== undefined && file !== '-') look.read(file);
  const [prefix = 'xx'] = valuesOf(csplitSpec, args, '-f --prefix');
  const [suffix = ''] = valuesOf(csplitSpec, args, '-b --suffix-format');
  look.write(`${prefix}${wildcard}`);
  look.write(`${prefix}${suffix.replace(/%[^a-z]*[a-z]/gi, wildcard)}`);
  // A name that the numbers complete may be one that instructs agents.
  look.suspect(`${prefix}${suffix.replace(/%[^a-z]*[a-z]/gi, '')}`);
};

/** Locks a file, which it makes if it is not there, while another command runs. */
const flockSpec: Spec = {
  flags: '-n -x -s -u -e -o --nonblock --exclusive --shared --unlock --close --verbose',
  valued: { '-w -E --timeout --wait --conflict-exit-code': 'text' },
};

const flock: Program = (args, look) => {
  look.ask('contained', 'it makes a lock');
  const at = args.findIndex(
    (arg, index) =>
      !arg.startsWith('-') && !/^-[wE]$|^--(timeout|wait|conflict-exit-code)$/.test(args[index - 1] ?? ''),
  );
  if (at === -1) return look.ask('beyond', 'what it locks is not known');
  parse(flockSpec, args.slice(0, at), look);
  if (!/^\d+$/.test(args[at]!)) look.write(args[at]!);
  const rest = args.slice(at + 1);
  if (/^(-c|--command)$/.test(rest[0] ?? '')) look.script(rest[1] ?? '');
  else look.run(rest);
};

export const archives: Record<string, Program> = {
  tar,
  unzip,
  zip: program({
    effect: ['contained', 'it writes files'],
    words: ['write'],
    anyFlag: true,
    beyond: { '-m --move': 'removes what it packs', '-T -TT --unzip-command': 'runs a program' },
  }),
  ...Object.fromEntries(
    'gzip gunzip bzip2 bunzip2 xz unxz zstd unzstd lzma unlzma'.split(' ').map((name) => [name, packer]),
  ),
  split,
  csplit,
  flock,
};

/** The name of the copy that `sed -i<suffix>` keeps. */
export function backupOf(word: Word, suffix: Word): Word {
  if (!suffix.includes('*')) return `${word}${suffix}`;
  return `${word.slice(0, word.lastIndexOf('/') + 1)}${suffix.replaceAll('*', basename(word))}`;
}
