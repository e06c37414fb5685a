/** Variables whose values nobody else is to see, by their names. */
const names = /key|token|secret|passw|passphrase|credential|auth|_pat$/i;
/** Places and switches that such variables may hold as well. */
const harmless = /^(?:\/|~\/|\.{1,2}\/|(?:true|false|yes|no|on|off|none|null|\d+)$)/i;
const lengthMin = 8;

/** The values of a person's own key variables: secret whatever they look like. */
export function knownSecrets(environment: Record<string, string | undefined>): string[] {
  const found = Object.entries(environment).flatMap(([name, value = '']) => {
    const secret = value.trim();
    return names.test(name) && secret.length >= lengthMin && !harmless.test(secret) ? [secret] : [];
  });
  return [...new Set(found)];
}
