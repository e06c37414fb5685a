import { random } from './random.ts';

/** Secrets that nobody has: made from a seed, in the formats of well-known keys and as plain random values. */
export type Canary = { kind: string; value: string };

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const hexLetters = '0123456789abcdef';

/** Makes `count` of them; the same seed makes the same. */
export function canaries(count: number, seed: number): Canary[] {
  const next = random(seed);
  const some = (length: number, from = letters) =>
    Array.from({ length }, () => from[Math.floor(next() * from.length)]).join('');
  const base64url = `${letters}-_`;
  const kinds: [string, () => string][] = [
    ['openai', () => `sk-proj-${some(48)}`],
    ['anthropic', () => `sk-ant-api03-${some(80, base64url)}A`],
    ['aws', () => `AKIA${some(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`],
    ['github', () => `ghp_${some(36)}`],
    ['github_pat', () => `github_pat_${some(22)}_${some(59)}`],
    ['gitlab', () => `glpat-${some(20)}`],
    ['slack', () => `xoxb-${some(12, '0123456789')}-${some(24)}`],
    ['google', () => `AIza${some(35)}`],
    ['npm', () => `npm_${some(36)}`],
    ['huggingface', () => `hf_${some(34)}`],
    ['stripe', () => `sk_live_${some(24)}`],
    ['sendgrid', () => `SG.${some(22)}.${some(43)}`],
    ['digitalocean', () => `dop_v1_${some(64, hexLetters)}`],
    ['jwt', () => `eyJ${some(20)}.eyJ${some(40)}.${some(43, base64url)}`],
    ['telegram', () => `${some(9, '123456789')}:AA${some(33, letters)}`],
    ['pypi', () => `pypi-AgEIcHlwaS5vcmc${some(60)}`],
    ['random', () => `${some(10)}7${some(10)}4${some(10)}`],
    ['hex', () => some(40, hexLetters)],
  ];
  return Array.from({ length: count }, (_, index) => {
    const [kind, make] = kinds[index % kinds.length]!;
    return { kind, value: make() };
  });
}

/** How such a value stands in a file: one without a format of its own stands beside a name that says what it is. */
export function inFile({ kind, value }: Canary, index: number): string {
  const name = ['API_KEY', 'client_secret', 'dbPassword', 'auth-token'][index % 4]!;
  const forms = [
    `${name}=${value}`,
    `${name}: "${value}"`,
    `  "${name}": "${value}",`,
    `const ${name.replace(/\W/g, '_')} = '${value}';`,
  ];
  if (kind === 'random' || kind === 'hex') return forms[(index >> 2) % forms.length]!;
  return index % 3 === 0 ? `see ${value} for it` : forms[(index >> 2) % forms.length]!;
}
