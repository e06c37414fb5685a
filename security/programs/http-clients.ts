import { basename } from 'node:path/posix';
import { isLiteral, shown, type Word } from '../shell/word.ts';
import { parse, type Spec, valuesOf } from './flags.ts';
import type { Program } from './look.ts';

/** Inside the walls there is a loopback of their own, where a project's server may listen. */
const ownLoopback = /^(https?:\/\/)?(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])(:\d+)?([/?#]|$)/;

const reaches = 'it reaches another machine';

const curlSpec: Spec = {
  flags:
    '-s -S -f -v -i -I -L -k -g -N -# -4 -6 -0 -G -j -O --silent --show-error --fail --fail-with-body --fail-early --verbose --include --show-headers --head --location --insecure --compressed --no-buffer --no-progress-meter --progress-bar --ipv4 --ipv6 --http1.0 --http1.1 --http2 --get --globoff --retry-connrefused --retry-all-errors --tcp-nodelay --path-as-is --remote-name --no-keepalive --parallel -Z --version -V --help -h',
  valued: {
    '-X -m -A -e -u -r -C --request --max-time --connect-timeout --retry --retry-delay --retry-max-time --user-agent --referer --user --range --max-redirs --keepalive-time --limit-rate --url --rate --parallel-max --oauth2-bearer':
      'text',
    // Values that may name a file: see `fileOf`.
    '-d -F -H -w -b --data --data-raw --data-binary --data-ascii --data-urlencode --json --form --form-string --header --write-out --cookie --url-query':
      'text',
    '-o -D -c --output --dump-header --cookie-jar --trace --trace-ascii --stderr --output-dir': 'write',
    '-T --upload-file --cacert': 'read',
  },
  beyond: {
    '-K --config -x --proxy --preproxy --socks5 --socks5-hostname --resolve --connect-to --unix-socket --abstract-unix-socket --interface --doh-url -n --netrc --netrc-file --netrc-optional -E --cert --key --engine -q --disable -t --telnet-option -Q --quote':
      'is not looked into',
  },
};

const wgetSpec: Spec = {
  flags:
    '-q -S -nv -v -d -c -4 -6 -nc -N --quiet --server-response --spider --no-verbose --no-check-certificate --content-on-error --no-proxy --version -V --help -h -O- -qO-',
  valued: {
    '-T -t -U --timeout --tries --method --header --post-data --body-data --user-agent --user --password --wait --waitretry --connect-timeout --read-timeout':
      'text',
    '-O --output-document -o --output-file -a -P --directory-prefix': 'write',
    '--post-file --body-file --load-cookies': 'read',
    '--save-cookies': 'write',
  },
  beyond: {
    '-i --input-file -e --execute --use-askpass --config --warc-file -r --recursive -m --mirror': 'is not looked into',
  },
};

/** Flags of curl whose value may name a file, those of one kind together. */
const fileFlags = [
  '-F --form --form-string',
  '-b --cookie',
  '-d -H -w --data --data-binary --data-ascii --data-urlencode --json --header --write-out --url-query',
];

/** The file that a value of curl names: `@file`, `name=@file` of a form, a jar of cookies. */
function fileOf(flag: Word, value: Word): Word | null {
  if (/^(-F|--form)/.test(flag)) return /^[^=]*=[@<]"?([^;"]*)/.exec(value)?.[1] ?? null;
  if (/^(-b|--cookie)$/.test(flag)) return value.includes('=') || value === '' ? null : value;
  if (/^(-d|-H|-w|--data(-binary|-ascii|-urlencode)?|--json|--header|--write-out|--url-query)$/.test(flag))
    return /^(?:[\w.-]*=?)@(.*)$/s.exec(value)?.[1] ?? null;
  return null;
}

/** A program that speaks to a server. The walls hold it on their loopback, where the project's own server listens. */
function client(spec: Spec): Program {
  return (args, look) => {
    if (spec === curlSpec) {
      for (const flags of fileFlags)
        for (const value of valuesOf(spec, args, flags)) {
          const file = fileOf(flags.split(' ')[0]!, value);
          if (file !== null && file !== '-') look.read(file);
        }
    }
    if (args.some((arg) => /%output\{/.test(arg))) look.ask('beyond', 'it writes a file that its format names');
    const isKnown = new Set(
      [spec.flags, ...Object.keys(spec.valued ?? {}), ...Object.keys(spec.beyond ?? {})].join(' ').split(' '),
    );
    for (const [at, arg] of args.entries())
      if (arg.startsWith('--') && !isKnown.has(arg.replace(/=.*/s, '')) && !args[at - 1]?.startsWith('-'))
        look.ask('beyond', `nothing is known of its flag ${shown(arg)}`);
    const urls = [...parse(spec, args, look), ...urlsOf(args)];
    if (urls.length === 0) {
      if (!args.some((arg) => /^(--version|-V|--help|-h)$/.test(arg)))
        look.ask('beyond', reaches, 'program', 'network');
      return;
    }
    for (const url of urls) if (!isOwn(url)) return look.ask('beyond', reaches, 'program', 'network');
    // The file gets the name that the address ends in.
    const keepsName = spec === wgetSpec || args.some((arg) => /^-[a-zA-Z]*[OJ]|^--remote/.test(arg));
    if (keepsName) for (const url of urls) look.write(basename(url.replace(/[?#].*$/s, '')) || 'index.html');
    look.ask('contained', 'it speaks to a server inside the walls');
  };
}

function urlsOf(args: Word[]): Word[] {
  return args.flatMap((arg, at) =>
    arg === '--url' ? [args[at + 1] ?? ''] : arg.startsWith('--url=') ? [arg.slice(6)] : [],
  );
}

function isOwn(url: Word): boolean {
  return isLiteral(url.replace(/[?#/].*$/s, (rest) => rest.replace(/[\ue000-\ue002]/g, ''))) && ownLoopback.test(url);
}

/** Clients whose words are not looked into further: plain calls of the loopback are known. */
const plainClient: Program = (args, look) => {
  const words = args.filter(
    (arg) => !/^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|-[bhjv]+|--(json|form|body|headers|verbose))$/.test(arg),
  );
  if (args.length === 1 && /^(--version|-V|--help|-h)$/.test(args[0]!)) return;
  for (const arg of args) look.suspect(arg);
  const [url = '', ...more] = words;
  const isPlain = more.every((word) => /^[\w.-]+(:?=|:)[^@]*$/.test(word));
  if (isOwn(url) && isPlain) look.ask('contained', 'it speaks to a server inside the walls');
  else look.ask('beyond', reaches, 'program', 'network');
};

export const httpClients: Record<string, Program> = {
  curl: client(curlSpec),
  wget: client(wgetSpec),
  ...Object.fromEntries(['http', 'https', 'xh'].map((name) => [name, plainClient])),
};
