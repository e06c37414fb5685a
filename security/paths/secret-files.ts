import { fitsPieces } from './wildcards.ts';

/**
 * Names of files that hold keys: reading them is asked for, even inside the work tree. In lower case; a
 * pattern is matched with the last part of a path, `*` stands for any characters.
 */
const names = [
  '.env .env.* *.env .envrc .netrc _netrc .npmrc .yarnrc.yml .pypirc .git-credentials .htpasswd .pgpass .my.cnf .dockercfg',
  '.vault-token .terraformrc credentials credentials.* *credentials.json *credentials.y*ml secret.* secrets.json secrets.y*ml',
  'secrets.toml secrets.env secrets.txt secrets.enc .secrets *_secret.* *.secret client_secret*.json service-account*.json',
  'service_account*.json kubeconfig *.kubeconfig master.key *.tfstate *.tfstate.* *.tfvars *.pem *.key *.p12 *.pfx *.jks',
  '*.keystore *.kdbx *.ppk *.gpg id_rsa* id_dsa* id_ecdsa* id_ed25519* authorized_keys shadow .s3cfg .boto auth.json',
].flatMap((line) => line.split(' '));

/** Folders of which everything is secret. */
const folders = new Set(['.ssh', '.aws', '.gnupg', '.azure', '.kube', '.docker', '.password-store']);

/** Examples that are made to be read, and the public halves of keys. */
const harmless =
  /(\.|^)(example|sample|template|dist|defaults?|schema)(\.\w+)?$|\.pub$|\.d\.ts$|\.([cm]?[jt]sx?|py|go|rs|java|kt|rb|php|c|cc|cpp|h|cs|swift|vue|svelte|css|html|md)$|\.(test|spec)\.\w+$/;

const pattern = new RegExp(`^(${names.map(expression).join('|')})$`);

/** Names that stand for each pattern, for the question whether a wildcard may reach one. */
const examples = [
  ...names.map((name) => name.replaceAll('*', '')),
  '.env.local',
  '.env.production',
  'server.key',
  'id_rsa',
];

/** Endings that tell a file of keys by themselves. */
const endings = names.flatMap((name) => /^\*(\.\w+)$/.exec(name)?.[1] ?? []);

function expression(name: string): string {
  return name.replaceAll('.', '\\.').replaceAll('*', '.*');
}

/** Whether a path, POSIX, is by its name one of a file that holds keys. Case does not count, for some file systems do not count it. */
export function isSecretPath(path: string): boolean {
  const parts = path
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const last = parts.at(-1) ?? '';
  if (parts.some((part) => folders.has(part.replace(/[*?\ue000]/g, '')))) return true;
  return pattern.test(last) && !harmless.test(last);
}

/**
 * Whether a path with wildcards may name such a file; `wildcard` is the character that stands for one. A wildcard at the
 * beginning of a name does not match a dot, as in every shell.
 */
export function mayBeSecretPath(path: string, wildcard: string): boolean {
  const parts = path
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.some((part) => matchesAny(part, wildcard, [...folders]))) return true;
  const last = parts.at(-1) ?? '';
  if (!last.includes(wildcard)) return isSecretPath(path.replaceAll(wildcard, 'x'));
  const ending = last.slice(last.lastIndexOf('.'));
  const isEnding =
    ending.startsWith('.') &&
    /[^.]/.test(ending.replaceAll(wildcard, '')) &&
    ending.includes(wildcard) &&
    endings.some((one) => fitsPieces(ending.split(wildcard), one));
  return isEnding || matchesAny(last, wildcard, examples) || isSecretPath(last.replaceAll(wildcard, 'x'));
}

/**
 * Whether a glob that sweeps over a tree means such files: `.env*` does, and `*.pem`; `*.json` is not taken to, although a
 * file of credentials may have that ending.
 */
export function globMeansSecrets(glob: string): boolean {
  // A backslash before a sign only takes its meaning as a wildcard away.
  const parts = glob.replace(/^!/, '').replace(/\\(.)/g, '$1').toLowerCase().split('/');
  if (parts.some((part) => folders.has(part.replace(/[*?\ue000]/g, '')))) return true;
  const last = parts.at(-1) ?? '';
  if (isSecretPath(last.replace(/\[[^\]]*\]|[*?\ue000]/g, 'x')) || isSecretPath(last)) return true;
  // A lone ending, and everything, mean nothing in particular.
  if (/^[*\ue000]*(\.\w+)?$/.test(last) || !/[*?[{\ue000]/.test(last)) return false;
  const pieces = last.replace(/\[[^\]]*\]|\{[^}]*\}|[*?[{\ue000]/g, '\0').split('\0');
  return examples.some((example) => fitsPieces(pieces, example));
}

function matchesAny(part: string, wildcard: string, candidates: string[]): boolean {
  if (!part.includes(wildcard)) return candidates.includes(part) && folders.has(part);
  const pieces = part.split(wildcard);
  return candidates.some(
    (candidate) => !(part.startsWith(wildcard) && candidate.startsWith('.')) && fitsPieces(pieces, candidate),
  );
}

/** Files that a search through a whole tree leaves out, as globs: every line is a key. A call can still name one. */
export const hiddenFromSearch: readonly string[] = [
  ...['.env', '.env.{local,production,development,staging,test,prod,dev}', '*.env', '.envrc', '.netrc', '_netrc'],
  ...['.npmrc', '.pypirc', '.git-credentials', '.htpasswd', '.pgpass', '.my.cnf', '.dockercfg', '.vault-token'],
  ...['.terraformrc', '.s3cfg', '.boto', '.secrets', 'kubeconfig', '*.kubeconfig', '*.tfstate', '*.tfvars'],
  ...['*.{pem,key,p12,pfx,jks,keystore,kdbx,ppk,gpg}', 'id_{rsa,dsa,ecdsa,ed25519}', 'credentials', 'auth.json'],
  ...['*credentials.{json,yml,yaml}', 'secrets.{json,yml,yaml,toml,env,txt,enc}', 'client_secret*.json'],
  ...['service-account*.json', 'service_account*.json', ...[...folders].map((folder) => `${folder}/**`)],
];
