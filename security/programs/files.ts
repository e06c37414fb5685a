import { basename, dirname } from 'node:path/posix';
import { mayInstruct } from '../paths/instructing.ts';
import { isLiteral, shown, type Word } from '../shell/word.ts';
import { parse, program, type Spec } from './flags.ts';
import type { Look, Program } from './look.ts';

/** Files and folders that builds make and can make again. */
const madeByBuilds =
  /(^|\/)(dist|build|out|output|target|coverage|node_modules|\.next|\.nuxt|\.turbo|\.parcel-cache|\.cache|\.vite|\.svelte-kit|__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nyc_output|storybook-static|tmp|temp|[^/]*\.egg-info)$/;

const remove: Program = (args, look) => {
  const words = parse(
    {
      flags: '-f -i -I -v -d --force --verbose --dir --one-file-system --preserve-root',
      asks: { '-r -R --recursive': 'removes whole folders' },
      beyond: { '--no-preserve-root': 'is meant for harm' },
    },
    args,
    look,
  );
  const isRecursive = args.some((arg) => /^-[a-zA-Z]*[rR]|^--r/.test(arg));
  for (const word of words) {
    look.write(word, word.endsWith('/') ? undefined : 'itself');
    const isPrivate = /^\/tmp\/./.test(word) && !word.includes('..');
    if (isPrivate) continue;
    if (isRecursive && !(isLiteral(word) && madeByBuilds.test(word.replace(/\/+$/, ''))))
      look.destroys([word], `nobody may be able to bring back what is in ${shown(word)}`);
    else if (!isLiteral(word) && /^(\.\/|.*\/)?[\ue000-\ue002]+$/.test(word))
      look.ask('beyond', `which files ${shown(word)} removes is known only when it runs`);
    else look.destroys([word], `it removes ${shown(word)}`, { risk: 'contained' });
  }
};

/** `from … to`: reads all but the last, writes the last, or the folder after -t. */
function copies(spec: Spec, reads: 'read' | 'write' | 'names'): Program {
  return (args, look) => {
    const words = parse({ ...spec, valued: { ...spec.valued, '-t --target-directory': 'write' } }, args, look);
    const hasTarget = args.some((arg) => /^(-t|--target)/.test(arg));
    const [into = words.at(-1)] = args.flatMap((arg, at) =>
      /^(-t|--target-directory)$/.test(arg) ? [args[at + 1]] : [],
    );
    if (reads === 'write' && /^\/(private\/|var\/)?tmp(\/|$)/.test(into ?? ''))
      look.destroys(
        words.slice(0, hasTarget ? undefined : -1),
        'it moves files to a folder that goes with the command',
      );
    const target = hasTarget ? undefined : words.at(-1);
    for (const [at, word] of words.entries()) {
      // The target may be a folder, and then the file keeps its name in it.
      if (at < words.length - 1 && target !== undefined && mayInstruct(shown(basename(word))))
        look.write(`${target}/${basename(word)}`);
      if (at === words.length - 1 && !hasTarget) look.write(word);
      else if (reads === 'write') {
        look.read(word, 'itself');
        look.write(word, 'itself');
      } else look[reads](word);
    }
  };
}

const dd: Program = (args, look) => {
  for (const arg of args) {
    if (arg.startsWith('if=')) look.read(arg.slice(3));
    else if (arg.startsWith('of=')) look.write(arg.slice(3));
    else if (!/^(bs|count|skip|seek|conv|status|ibs|obs|iflag|oflag)=\w+$/.test(arg))
      look.ask('contained', `nothing is known of ${shown(arg)}`);
  }
};

/** The target of a link is text: a program that follows the link reads the file it names. */
const link: Program = (args, look) => {
  const words = parse(
    { flags: '-s -f -n -v -r -T -i --symbolic --force --no-dereference', valued: { '-t --target-directory': 'write' } },
    args,
    look,
  );
  const [target, ...names] = words;
  look.ask('contained', 'it makes a link');
  const isSymbolic = args.some((arg) => /^-[a-zA-Z]*s|^--sym/.test(arg));
  if (target !== undefined) {
    if (/(^|\/)\.git(\/|$)/i.test(target)) look.deny('.git is never written, through no link either');
    if (!isSymbolic || target.startsWith('/') || names.length === 0) look.read(target);
    // A symbolic link is followed from where it lies: beside its name, or in the folder of that name.
    else for (const name of names) for (const from of [dirname(name), name]) look.read(`${from}/${target}`);
  }
  const replaces = args.some((arg) => /^-[a-zA-Z]*[nT]|^--no-(deref|target)/.test(arg));
  for (const name of names) look.write(name, replaces ? 'itself' : undefined);
};

const touching: Spec = { anyFlag: true, words: ['write'] };

const chmod: Program = (args, look) => {
  const words = parse(
    { anyFlag: true, valued: { '--reference': 'names' } },
    args.map((arg) => (/^-[rwxst]+$/.test(arg) ? '0' : arg)),
    look,
  );
  // With a file to be like, there is no word for the mode.
  const isLike = args.some((arg) => /^--ref/.test(arg));
  for (const word of isLike ? words : words.slice(1)) look.write(word);
  if (words[0] !== undefined && !isLike && /s|^[2467]\d{3}$/.test(words[0]))
    look.ask('beyond', 'it lets a program run as somebody else');
};

const rsync: Program = (args, look) => {
  const spec: Spec = {
    flags: '-a -v -n -r -u -z -P -h -i --archive --verbose --dry-run --recursive --update --progress --stats',
    valued: {
      '--exclude --include --filter': 'text',
      '--exclude-from --include-from --files-from': 'read',
      '--log-file --partial-dir --backup-dir --temp-dir': 'write',
    },
    asks: { '-e --rsh --rsync-path': 'runs a program' },
    beyond: {
      '--delete --remove-source-files --delete-after --delete-before --delete-excluded':
        'removes what nobody may be able to bring back',
    },
  };
  const words = parse({ ...spec, valued: { ...spec.valued, '-e --rsh --rsync-path': 'program' } }, args, look);
  for (const [at, word] of words.entries()) {
    if (/^[^/]*:/.test(word)) look.ask('beyond', 'it reaches another machine', 'program', 'network');
    else if (at === words.length - 1 && words.length > 1) look.write(word);
    else look.read(word);
  }
};

function destroys(why: string): Program {
  return (args, look) => {
    look.ask('beyond', why);
    for (const arg of args) look.suspect(arg);
  };
}

export const files: Record<string, Program> = {
  mkdir: program({ ...touching, valued: { '-m --mode': 'text' } }),
  touch: program({ ...touching, valued: { '-r --reference': 'names', '-d -t --date': 'text' } }),
  mkfifo: program(touching),
  mktemp: program({ words: ['write'], flags: '-d -u -q -t --directory', valued: { '-p --tmpdir': 'write' } }),
  tee: program({ words: ['write'], flags: '-a -i -p --append' }),
  truncate: program({ words: ['write'], valued: { '-s --size': 'text', '-r --reference': 'names' }, flags: '-c -o' }),
  rmdir: program({ words: ['write'], flags: '-p -v --parents' }),
  rm: remove,
  ...Object.fromEntries(
    ['rimraf', 'del', 'del-cli', 'trash', 'trash-put'].map((name) => [
      name,
      (args: Word[], look: Look) => remove(['-r', ...args.filter((arg) => !/^--/.test(arg))], look, name),
    ]),
  ),
  unlink: remove,
  cp: copies(
    {
      flags:
        '-r -R -a -p -f -n -v -u -i -L -P -d -T -x --recursive --archive --force --verbose --parents --no-clobber --update',
    },
    'read',
  ),
  install: copies(
    {
      flags: '-d -D -v -c -p',
      valued: { '-m --mode -o -g --owner --group': 'text' },
      asks: { '-s --strip --strip-program': 'runs a program' },
    },
    'read',
  ),
  mv: copies({ flags: '-f -n -v -u -i -T --force --verbose --no-clobber --update' }, 'write'),
  ln: link,
  link,
  chmod,
  chown: chmod,
  chgrp: chmod,
  dd,
  patch: program({
    effect: ['contained', 'it changes files'],
    words: ['write', 'read'],
    flags: '-R -N -E -s -f -b --dry-run -p0 -p1 -p2 -p3',
    valued: { '-i --input': 'read', '-o --output -r': 'write', '-d --directory': 'write', '-p': 'text' },
  }),
  rsync,
  shred: destroys('it destroys what nobody could bring back'),
  mkfs: destroys('it destroys what nobody could bring back'),
  mount: destroys('it needs what the walls do not give'),
  umount: destroys('it needs what the walls do not give'),
  dos2unix: program({ effect: ['contained', 'it changes files'], words: ['write'], anyFlag: true }),
};
