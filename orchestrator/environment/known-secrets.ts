/** Variables whose values must stay secret, by the words of their names. */
const names =
  /(?:token|secret|password|passwd|passphrase|credential|apikey)s?\d*(?:_|$)|(?:^|_)(?:key|pat)s?\d*(?:_|$)|_(?:pass|pwd|auth)$/i;
/** Names that only sound secret: their values are public, and redaction would tear them out of every path and name. */
const harmlessNames =
  /(?:url|uri|user|username|name|email|provider|backend|port|path|file|dir|directory|folder|host|endpoint|layout|type|mode|scope|region)$|author|^gpg_key$/i;
/** Places and switches that such variables may hold too. */
const harmless = /^(?:\/|~\/|\.{1,2}\/|(?:true|false|yes|no|on|off|none|null|\d+)$)/i;
/** A plain word, or two of them. */
const word = /^[a-z]+(?:[-_. ][a-z]+)?$/i;
const [lengthMin, wordLengthMin] = [8, 16];

/** The values of a person's own key variables: secret whatever their form, unless they are plain words. */
export function knownSecrets(environment: Record<string, string | undefined>): string[] {
  const found = Object.entries(environment).flatMap(([name, value = '']) => {
    const secret = value.trim();
    if (/_proxy$/i.test(name)) return passwordIn(secret);
    if (!names.test(name) || harmlessNames.test(name) || harmless.test(secret)) return [];
    return secret.length >= (word.test(secret) ? wordLengthMin : lengthMin) ? [secret] : [];
  });
  return [...new Set(found)];
}

/** The password of a proxy. */
function passwordIn(written: string): string[] {
  const url = URL.parse(/^[a-z0-9+]+:\/\//i.test(written) ? written : `http://${written}`);
  const password = url?.password ?? '';
  if (password.length < lengthMin) return [];
  try {
    return [...new Set([password, decodeURIComponent(password)])];
  } catch {
    return [password]; // a stray percent sign
  }
}
