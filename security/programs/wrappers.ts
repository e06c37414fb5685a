import { anything, isLiteral, listed, shown, type Word } from '../shell/word.ts';
import { parse, program, type Spec } from './flags.ts';
import type { Look, Program } from './look.ts';
import { fromInput, isInput } from './scripts.ts';

/** The words before the wrapped command: flags with their values, then so many words. */
function wrapper(spec: Spec, skip = 0, why?: ['contained' | 'beyond', string]): Program {
  return (args, look) => {
    if (why) look.ask(...why);
    const at = commandAt(args, spec);
    parse(spec, args.slice(0, at), look);
    unknownFlags(args.slice(0, at), spec, look);
    const words = args.slice(at + skip);
    if (words[0] === '-c') look.script(words[1] ?? anything);
    else look.run(words);
  };
}

/** After an unknown flag comes either its value or the command: the line does not tell which. */
function unknownFlags(args: Word[], spec: Spec, look: Look) {
  const all = [spec.flags ?? '', ...Object.keys(spec.valued ?? {}), ...Object.keys(spec.asks ?? {})]
    .join(' ')
    .split(' ');
  const isKnown = (arg: Word) =>
    all.includes(arg.replace(/=.*/, '')) || all.includes(arg.slice(0, 2)) || /^-\d+$/.test(arg);
  const values = new Set(Object.keys(spec.valued ?? {}).flatMap((names) => names.split(' ')));
  for (const [at, arg] of args.entries())
    if (arg !== '--' && !values.has(args[at - 1] ?? '') && !isKnown(arg))
      look.ask('beyond', `what it does with ${shown(arg)} is not understood`);
}

/** Where the flags end: the first word that is no flag and no value of one. */
function commandAt(args: Word[], spec: Spec): number {
  const valued = new Set(Object.keys(spec.valued ?? {}).flatMap((names) => names.split(' ')));
  let at = 0;
  while (at < args.length && args[at]!.startsWith('-') && args[at] !== '-') {
    if (args[at] === '--') return at + 1;
    at += valued.has(args[at]!) ? 2 : 1;
  }
  return at;
}

const env: Program = (args, look) => {
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at]!;
    if (arg === '-i' || arg === '-0' || arg === '--ignore-environment' || arg === '-' || arg === '-v') continue;
    if (arg === '-u' || arg === '--unset') at += 1;
    else if (arg.startsWith('-u') || arg.startsWith('--unset=')) continue;
    else if (arg === '--') {
      at += 1;
      break;
    } else if (arg.startsWith('-')) return look.ask('beyond', `what it does with ${shown(arg)} is not understood`);
    else if (/^[A-Za-z_]\w*=/.test(arg)) look.variable(arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1));
    else break;
  }
  look.run(args.slice(at));
};

const xargsSpec: Spec = {
  flags: '-0 -r -t -x --null --no-run-if-empty --verbose --exit',
  valued: {
    '-n -P -L -s -I -d -E --max-args --max-procs --max-chars --delimiter': 'text',
    '-a --arg-file': 'read',
  },
  asks: {
    '-p -i -e -l -o --replace --max-lines --eof --interactive --process-slot-var --open-tty': 'is not looked into',
  },
};

const xargs: Program = (args, look) => {
  const at = commandAt(args, xargsSpec);
  parse(xargsSpec, args.slice(0, at), look);
  unknownFlags(args.slice(0, at), xargsSpec, look);
  const own = args.slice(0, at);
  const replaced = own.flatMap((arg, index) =>
    arg === '-I' ? [own[index + 1] ?? ''] : /^-I./.test(arg) ? [arg.slice(2)] : [],
  )[0];
  const value = look.hasNames && !own.some((arg) => /^(-a|--arg-file)/.test(arg)) ? listed : anything;
  const command = args.slice(at);
  if (command.length === 0) return;
  look.run(replaced ? command.map((word) => word.replaceAll(replaced, value)) : [...command, value], { names: false });
};

/** A shell with the syntax of sh. */
const shell: Program = (args, look) => {
  let at = 0;
  let isCommand = false;
  for (; at < args.length; at += 1) {
    const arg = args[at]!;
    if (/^[-+][euxnl]*o$/.test(arg)) at += 1;
    else if (/^-[eulxn]*c[eulxn]*$/.test(arg)) isCommand = true;
    else if (/^[-+][euxnl]+$/.test(arg) || /^--(norc|noprofile|posix|login)$/.test(arg)) continue;
    else if (/^(--version|--help)$/.test(arg)) return;
    else if (arg === '--') {
      at += 1;
      break;
    } else if (arg.startsWith('-')) look.ask('beyond', `what it does with ${shown(arg)} is not understood`);
    else break;
  }
  const first = args[at];
  if (isCommand) return look.script(first ?? anything);
  if (first === undefined) {
    if (look.input === undefined) return fromInput(look);
    return look.script(look.input);
  }
  if (isInput(first)) return look.input === undefined ? fromInput(look) : look.script(look.input);
  look.read(first);
  look.ask('contained', `it runs ${shown(first)}`);
  for (const arg of args.slice(at + 1)) look.suspect(arg);
};

const otherShell: Program = (args, look) => {
  look.ask('beyond', 'this shell reads lines in another way');
  for (const arg of args) look.suspect(arg);
};

/** The program joins its words and has a shell run them. */
const watch: Program = (args, look) => {
  const spec: Spec = { flags: '-d -t -g -e -x -b -c', valued: { '-n --interval': 'text' } };
  const at = commandAt(args, spec);
  parse(spec, args.slice(0, at), look);
  look.ask('contained', 'it runs until it is ended');
  look.script(args.slice(at).join(' '));
};

const timed: Spec = {
  valued: { '-k --kill-after -s --signal': 'text' },
  flags: '-v --preserve-status --foreground --verbose',
};
const privileged: ['beyond', string] = ['beyond', 'it asks for more rights'];

export const wrappers: Record<string, Program> = {
  env,
  xargs,
  timeout: wrapper(timed, 1),
  nice: wrapper({ valued: { '-n --adjustment': 'text' } }),
  ionice: wrapper({ valued: { '-c -n --class --classdata': 'text' } }),
  nohup: wrapper({}),
  setsid: wrapper({ flags: '-w -f -c --wait --fork --ctty' }),
  time: wrapper({
    flags: '-p -v -a -l -h --portability --verbose',
    valued: { '-o --output': 'write', '-f --format': 'text' },
  }),
  stdbuf: wrapper({ flags: '-oL -o0 -eL -e0 -i0 -iL', valued: { '-o -e -i': 'text' } }),
  watch,
  chronic: wrapper({}),
  busybox: (args, look) => look.run(args),
  strace: wrapper({ flags: '-f', valued: { '-o': 'write', '-e -p': 'text' } }, 0, [
    'contained',
    'it watches another program',
  ]),
  sudo: wrapper({ anyFlag: true, valued: { '-u -g -h -p -C -U': 'text' } }, 0, privileged),
  doas: wrapper({ anyFlag: true, valued: { '-u -C': 'text' } }, 0, privileged),
  su: (args, look) => privilegedText(args, look),
  pkexec: wrapper({ anyFlag: true, valued: { '--user': 'text' } }, 0, privileged),
  runuser: (args, look) => privilegedText(args, look),
  chroot: wrapper({ anyFlag: true }, 1, privileged),
  unshare: wrapper({ anyFlag: true }, 0, privileged),
  nsenter: wrapper({ anyFlag: true }, 0, privileged),
  script: program({ effect: ['beyond', 'it runs what it is told'], words: ['write'], anyFlag: true }),
  parallel: program({ effect: ['beyond', 'it runs what it is told'], words: ['text'], anyFlag: true }),
  sh: shell,
  bash: shell,
  dash: shell,
  ash: shell,
  zsh: otherShell,
  ksh: otherShell,
  fish: otherShell,
  csh: otherShell,
  tcsh: otherShell,
  pwsh: otherShell,
};

function privilegedText(args: Word[], look: Look) {
  look.ask(...privileged);
  const at = args.indexOf('-c');
  if (at !== -1 && isLiteral(args[at + 1] ?? anything)) look.script(args[at + 1]!);
}
