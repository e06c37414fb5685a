import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { redactor } from '../../ipc/redaction.ts';
import { knownSecrets } from '../../orchestrator/environment/known-secrets.ts';
import { canaries, inFile } from '../support/canaries.ts';
import { random } from '../support/random.ts';
import { root, sources } from '../tidy/sources.ts';

/**
 * Goal: secrets do not get through, in whatever writing or pieces they come; what is none stays as it is; and what was
 * taken out can be put back byte for byte. Method: seeded random secrets in the forms in which people keep them, and the
 * house's own sources and lock file as text without any.
 */
const planted = canaries(500, 7);
const ours = () => redactor('a key of the run');

test('500 planted secrets are each replaced by one marker, the same in every process', () => {
  const [one, other] = [ours(), ours()];
  const leaked = planted.filter((canary, index) => one.text(inFile(canary, index)).includes(canary.value));
  assert.deepEqual(leaked, []);
  const text = planted.map(inFile).join('\n');
  const redacted = one.text(text);
  assert.equal(redacted.match(/‹secret:[0-9a-f]{10}›/g)?.length, planted.length);
  assert.equal(redacted.split('\n').length, text.split('\n').length);
  assert.equal(other.text(text), redacted);
  assert.notEqual(redactor('another key').text(text), redacted);
  assert.equal(one.text(redacted), redacted, 'redacting twice changes nothing');
});

const writings: [name: string, write: (value: string) => string][] = [
  ['base64', (value) => Buffer.from(value).toString('base64')],
  ['base64 with text around it', (value) => Buffer.from(`user:${value}\n`).toString('base64')],
  ['base64 for URLs', (value) => Buffer.from(`k=${value}`).toString('base64url')],
  [
    'base64 in lines',
    (value) =>
      Buffer.from(`${'x'.repeat(50)} ${value}`)
        .toString('base64')
        .replace(/(.{76})/g, '$1\n'),
  ],
  ['hex', (value) => Buffer.from(value).toString('hex')],
  [
    'percent signs',
    (value) => [...value].map((letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''),
  ],
  ['a URL', (value) => `https://x:${value}@example.org/path`],
  ['a query', (value) => `https://example.org/?access_token=${value}&x=1`],
  ['a header', (value) => `Authorization: Bearer ${value}`],
  ['an argument', (value) => `tool --api-key ${value} run`],
  ['an argument with =', (value) => `tool --password=${value}`],
  ['JSON', (value) => JSON.stringify({ config: { clientSecret: value } })],
  ['JSON in JSON', (value) => JSON.stringify({ body: JSON.stringify({ api_key: value }) })],
  ['base64 in narrow lines', (value) => wrapped(Buffer.from(`${'x'.repeat(50)} ${value} end`).toString('base64'), 12)],
  [
    'base64 in lines inside JSON',
    (value) => JSON.stringify({ data: wrapped(Buffer.from(`${'x'.repeat(50)} ${value} end`).toString('base64'), 76) }),
  ],
  ['xxd', (value) => dumped(['xxd'], value)],
  ['xxd -p', (value) => dumped(['xxd', '-p'], value)],
  ['xxd -i', (value) => dumped(['xxd', '-i'], value)],
  ['od -tx1', (value) => dumped(['od', '-An', '-tx1'], value)],
  ['od -c', (value) => dumped(['od', '-c'], value)],
  ['od', (value) => dumped(['od'], value)],
  ['hexdump -C', (value) => dumped(['hexdump', '-C'], value)],
  ['hexdump', (value) => dumped(['hexdump'], value)],
  ['hex with colons', (value) => Buffer.from(value).toString('hex').match(/../g)!.join(':')],
  ['numbers', (value) => JSON.stringify([...Buffer.from(`KEY=${value}`)])],
  ['JSON with escaped slashes', (value) => JSON.stringify({ token: value }).replaceAll('/', '\\/')],
  [
    'JSON with escaped letters',
    (value) => JSON.stringify({ token: value }).replace(/[A-F]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`),
  ],
  ['colours', (value) => `token = ${value.slice(0, 5)}\x1b[01;31m\x1b[K${value.slice(5, 9)}\x1b[m${value.slice(9)}`],
  ['grep -n', (value) => `.aws/credentials:2:aws_secret_access_key = ${value}`],
  ['an exception', (value) => `Error: 401 for key ${value}\n    at ask (file.js:1:1)`],
];

function wrapped(text: string, width: number): string {
  return text.replace(new RegExp(`(.{${width}})`, 'g'), '$1\n');
}

/** The forms of xxd, od and hexdump, which a machine may lack. */
function dumped([program = '', ...flags]: string[], value: string): string {
  const bytes = Buffer.from(`KEY=${value}\n`);
  const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, at) => bytes.subarray(at * 16, at * 16 + 16));
  const hex = (row: Buffer) => [...row].map((byte) => byte.toString(16).padStart(2, '0'));
  const letters = (row: Buffer) => row.toString('latin1').replace(/[^ -~]/g, '.');
  const pairs = (row: Buffer) => hex(row).flatMap((one, at, all) => (at % 2 === 0 ? [[one, all[at + 1] ?? '']] : []));
  const offset = (at: number, base: number, width: number) => (at * 16).toString(base).padStart(width, '0');
  const form: Record<string, (row: Buffer, at: number) => string> = {
    xxd: (row, at) =>
      `${offset(at, 16, 8)}: ${pairs(row)
        .map((pair) => pair.join(''))
        .join(' ')}  ${letters(row)}`,
    'xxd -p': (row) => hex(row).join(''),
    'xxd -i': (row) =>
      `  ${hex(row)
        .map((byte) => `0x${byte}`)
        .join(', ')},`,
    'od -An -tx1': (row) => ` ${hex(row).join(' ')}`,
    'od -c': (row, at) =>
      offset(at, 8, 7) + [...row].map((byte) => (byte === 10 ? '\\n' : String.fromCharCode(byte)).padStart(4)).join(''),
    od: (row, at) =>
      `${offset(at, 8, 7)} ${pairs(row)
        .map((pair) =>
          Number.parseInt([...pair].reverse().join(''), 16)
            .toString(8)
            .padStart(6, '0'),
        )
        .join(' ')}`,
    'hexdump -C': (row, at) => `${offset(at, 16, 8)}  ${hex(row).join(' ')}  |${letters(row)}|`,
    hexdump: (row, at) =>
      `${offset(at, 16, 7)} ${pairs(row)
        .map((pair) => [...pair].reverse().join('').padStart(4, '0'))
        .join(' ')}`,
  };
  return rows.map(form[[program, ...flags].join(' ')]!).join('\n');
}

for (const [name, write] of writings)
  test(`secrets in the writing of ${name} are found`, () => {
    // What has neither a format nor a name beside it is only known when it is a key of the person.
    const plain = new Set(['random', 'hex']);
    const redaction = redactor(
      'k',
      planted.filter(({ kind }) => plain.has(kind)).map(({ value }) => value),
    );
    const leaked = planted.filter(({ value }) => {
      const text = write(value);
      const out = redaction.text(text);
      return out.includes(value) || !out.includes('‹secret:');
    });
    assert.deepEqual(leaked.slice(0, 3), []);
  });

test('a secret whose letters come in pieces does not get through, and nothing else is lost', () => {
  const next = random(11);
  for (const [index, canary] of planted.entries()) {
    const text = `first line\n${inFile(canary, index)}\nlast words without an end`;
    const redaction = ours();
    const stream = redaction.stream();
    let out = '';
    for (let at = 0; at < text.length; ) {
      const length = 1 + Math.floor(next() * 9);
      out += stream.push(text.slice(at, at + length));
      at += length;
    }
    out += stream.end();
    assert.equal(out, redaction.text(text));
  }
});

test('a private key is one secret, also in a stream', () => {
  const body = Array.from({ length: 20 }, () =>
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj12345678'.padEnd(64, 'q'),
  ).join('\n');
  const text = `a\n-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----\nb\n`;
  assert.match(ours().text(text), /^a\n‹secret:\w+›\nb\n$/);
  const stream = ours().stream();
  const out = [...text].map((letter) => stream.push(letter)).join('') + stream.end();
  assert.match(out, /^a\n‹secret:\w+›\nb\n$/);
});

test('what was taken out is put back byte for byte, and an unknown marker is told', () => {
  const redaction = ours();
  const text = planted.map(inFile).join('\n');
  const redacted = redaction.text(text);
  assert.deepEqual(redaction.restore(redacted), { value: text, unknown: [] });
  assert.deepEqual(redaction.restore({ a: [redacted] }).value, { a: [text] });
  const { unknown } = ours().restore('x ‹secret:0123456789› y');
  assert.deepEqual(unknown, ['‹secret:0123456789›']);
});

test('data is redacted with the names of its fields; what is carried for a vendor is not touched', () => {
  const value = 'x7Kq9vTz2mWp4Rt6';
  const redaction = ours();
  const given = { apiKey: value, note: value, nested: [{ password: value }], carry: 'sk-aaaaaaaaaaaaaaaaaaaaaaaa1' };
  const out = redaction.deep(given);
  assert.deepEqual([out.note, out.carry], [value, given.carry]);
  assert.ok(!JSON.stringify([out.apiKey, out.nested]).includes(value));
  const same = { text: 'nothing here', list: [1, null, true] };
  assert.equal(redaction.deep(same), same);
});

test('keys of the person are told from what only sounds like one', () => {
  const none = {
    DB_PASSWORD: 'postgres',
    GIT_AUTHOR_NAME: 'Somebody 12',
    NEXTAUTH_URL: 'http://localhost:3000',
    SECRETS_BACKEND: 'kubernetes2',
    AUTH_PROVIDER: 'firebase',
    KEYBOARD_LAYOUT: 'de-latin1',
    MONKEY: 'bananas-4-all',
    GPG_KEY: '0123456789ABCDEF',
    API_TOKEN: 'my-secret',
  };
  assert.deepEqual(knownSecrets(none), []);
  const all = {
    DB_PASSWORD: 'Pa55word',
    OPENAI_API_KEY: 'abc-def-1',
    PGPASSWORD: 'hunter2!!',
    TOKEN: 'correcthorsebatterystaple',
    GH_PAT: 'x1y2z3a4',
    MYSQL_PWD: 'x1y2z3a5',
    AWS_SECRET_ACCESS_KEY: 'x1y2z3a6',
    SERVICE_CREDENTIALS: 'x1y2z3a7',
    KEY_2: 'x1y2z3a8',
  };
  assert.deepEqual(knownSecrets(all), Object.values(all));
});

test('a key that is a part of a path is left in the fields by which the host finds its way, and nowhere else', () => {
  const redaction = redactor('k', ['Pa55word']);
  const event = {
    goal: 'use Pa55word',
    task: 'log in with Pa55word',
    repository: { root: '/home/Pa55word/x', gitDir: '/home/Pa55word/x/.git', branch: 'Pa55word', notes: ['Pa55word'] },
    changes: [{ kind: 'edit', path: 'Pa55word/a.ts' }],
    files: ['Pa55word/a.ts'],
  };
  const out = redaction.deep(event);
  assert.deepEqual(
    [out.repository.root, out.repository.gitDir, out.repository.branch, out.changes, out.files],
    [event.repository.root, event.repository.gitDir, event.repository.branch, event.changes, event.files],
  );
  assert.ok(!JSON.stringify([out.goal, out.task, out.repository.notes]).includes('Pa55word'));
});

test('a key of the person is never shown, short and odd as it may be; words are not torn apart', () => {
  const redaction = redactor('k', ['hunter22!', 'short']);
  assert.equal(redaction.text('it is hunter22! there').includes('hunter22!'), false);
  assert.equal(redaction.text('a short word'), 'a short word');
  redaction.know('later-known-value');
  assert.equal(redaction.text('later-known-value').startsWith('‹secret:'), true);
});

const harmless = [
  '"integrity": "sha512-Ab3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9dE1fG3hI5jK7lM9nO1pQ3rS5tU7vW9xY1zA3bC5d=="',
  'resolved "https://example.org/a/-/a-1.2.3.tgz#0123456789abcdef0123456789abcdef01234567"',
  'github.com/pkg/errors v0.9.1 h1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=',
  'checksum = "d2a8a7a5b2f2ae46c5b1f5e1e6a2f3d1c4b5a6978869504132abcdef01234567"',
  'commit 83640f0c1d2e3f405162738495a6b7c8d9e0f1a2',
  'const apiKey = process.env.OPENAI_API_KEY2;',
  'password: hashPassword(user2.password)',
  'token = settings2.accessToken',
  'secretKey: string;',
  'API_KEY=your-api-key-here-123',
  'API_KEY=$OPENAI_KEY_2_FROM_ELSEWHERE',
  'max_tokens: 128000',
  'inputTokens = outputTokens2 + 4096',
  'tokenizer: cl100k_base_2024',
  'password = "xxxxxxxxxxxxxxxx1"',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'https://example.org:8080/path@2x.png',
  'the key-value store and the secret-sharing scheme',
  "if (line === '-----BEGIN PRIVATE KEY-----') return read(lines);\nexport const somethingElse = anotherThingOfThisFile;",
  '.sk-fading-circle-wrapper-of-page { }',
  'Basic internationalization of texts',
  'Bearer authenticationwithoutanything',
  'accessToken: state.auth0.tokens2.access,',
  'password: formValues1.password2,',
  'secretName: my-tls-secret-2-prod',
  'passwordResetUrl: "reset/v2/abc"',
  `-----BEGIN CERTIFICATE-----\n${`${'aB3/'.repeat(16)}\n`.repeat(5)}-----END CERTIFICATE-----`,
  `${`${'0123456789abcdef'.repeat(4)}\n`.repeat(5)}`,
];
const lines = Array.from({ length: 5 }, (_, index) => `Mi7${index}/Qx+`.repeat(11).slice(0, 64));
const shown: [text: string, secret: string][] = [
  [`${lines.join('\n')}\n-----END RSA PRIVATE KEY-----\n`, lines[1]!],
  [`the middle\n${lines.slice(1, 4).join('\n')}\n`, lines[2]!],
  [`-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\nand no end`, lines[4]!],
  [JSON.stringify(`-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\nabc=\n-----END PRIVATE KEY-----\n`), lines[4]!],
  ['authorization: bearer 0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef'],
  ['Authorization: Token 9944b09199c62bcf9418ad846dd0e4bb', '9944b09199c62bcf9418ad846dd0e4bb'],
  ['{"auths": {"r.example": {"auth": "dXNlcjpodW50ZXIyMg=="}}}', 'dXNlcjpodW50ZXIyMg'],
  ['//r.example/:_auth=dXNlcjpodW50ZXIyMg==', 'dXNlcjpodW50ZXIyMg'],
  ['machine a.example\n  login me\n  password hunter22\n', 'hunter22'],
  ['<server><password>hunter22</password></server>', 'hunter22'],
  ['curl -s -u me:hunter22 https://a.example', 'hunter22'],
  ['see hvs.CAESIJ1aBcDeFgHiJkLmNoPqRs0', 'CAESIJ1aBcDeFgHiJk'],
  ['see dckr_pat_aB3dE5fG7hI9jK1lM3nO5pQ7rS9', 'aB3dE5fG7hI9jK1l'],
  ['see glrt-aB3dE5fG7hI9jK1lM3nO', 'aB3dE5fG7hI9jK1l'],
  ['see ntn_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9dE1', 'aB3dE5fG7hI9jK1l'],
  ["SECRET_KEY = 'django-insecure-7&k(2x{9!q)z_4m[w;8'", '&k(2x{9!q)z_4m[w;8'],
];
test('what others keep their secrets in is found, whole and in pieces', () => {
  for (const [text, secret] of shown) {
    assert.ok(!ours().text(text).includes(secret), text);
    const stream = ours().stream();
    const out = [...text].map((letter) => stream.push(letter)).join('') + stream.end();
    assert.ok(!out.includes(secret), `in pieces: ${text}`);
  }
});

test('a key of the person is found in JSON, byte by byte and, short as it is, in base64 and hex', () => {
  const odd = 'pa"ss\\wörd';
  const redaction = redactor('k', [odd, 'hunter2!']);
  const written = [JSON.stringify({ x: odd }), Buffer.from(`it is ${odd}`).toString('latin1')];
  for (const text of written) assert.match(redaction.text(text), /‹secret:/);
  for (const before of ['', 'a', 'ab', 'abc'])
    for (const writing of ['base64', 'hex', 'base64url'] as const)
      assert.match(redaction.text(Buffer.from(`${before}hunter2!`).toString(writing)), /‹secret:/);
});

const hostile = [
  ['key ', 'a'],
  ['', 'key'],
  ['', 'key-'],
  ['', 'token.'],
  ['', '--password-'],
  ['password=', '!'],
  ['password', ' '],
  ['', 'password = "'],
  ['', 'eyJ-'],
  ['', '-eyJ'],
  ['', 'sk-a'],
  ['', 'xoxb-'],
  ['', 'SG.aaaaaaaaaaaaaaaa'],
  ['', 'a.'],
  ['', '.'],
  ['', '_'],
  ['', 'a+'],
  ['a://a:', 'a'],
  ['', '://a:'],
  ['', 'a://a@'],
  ['', 'a:'],
  ['%', 'a'],
  ['', '%a'],
  ['', '%4'],
  ['%41', '%'],
  ['', 'a1'],
  ['', 'A1'],
  ['', 'aB3'],
  ['', `${'aB3'.repeat(20)}\n`],
  ['', '-----BEGIN '],
  ['', '-----BEGIN PRIVATE KEY-----'],
  ['', '-----BEGIN PRIVATE KEY-----\n-----END '],
  ['', '-----'],
  ['', 'Bearer '],
  ['', '41 '],
  ['', '4142 '],
  ['', '41:'],
  ['', '41 42\n'],
  ['', 'AbCd\n'],
  ['', 'AbCd\\n'],
  ['', '65, '],
  ['', '\\u0041'],
  ['', '\x1b[m'],
  ['', '  a'],
  ['credentials:', '1:'],
  ['', 'curl '],
  ['', 'curl -u a'],
  ['', 'login a '],
  ['', '<password>'],
  ['', 'key="'],
  ['', '"key=\''],
  ['-----BEGIN PRIVATE KEY-----', '\n'],
  ['', `${'aB3/'.repeat(16)}\n`],
  ['authorization:', 'a'],
  ['Bearer', ' '],
  ['', 'Basic aaaaaaaaaa'],
  ['AccountKey=', 'a'],
  ['', '1'],
];
test('no text makes the search slow, whatever letters it repeats', () => {
  const redaction = ours();
  for (const [begin = '', part = ''] of hostile)
    for (const end of ['', '!']) {
      const text = `key ${begin}${part.repeat(131_072 / part.length)}${end} %20 :AA eyJ PRIVATE KEY`;
      // A search that takes the square of the length would not end before the test's timeout.
      assert.ok(redaction.text(text).length > 0);
    }
});

test('what is no secret stays as it is', () => {
  for (const text of harmless) assert.equal(ours().text(text), text);
});

test('the sources and the lock file of the house are text without secrets', () => {
  const redaction = ours();
  const files = [
    ...sources()
      .filter(({ path }) => !path.startsWith('test/'))
      .map(({ path }) => path),
    'package-lock.json',
    'agents.toml',
    'README.md',
  ];
  const changed = files.flatMap((path) => {
    const lines = readFileSync(join(root, path), 'utf8').split('\n');
    return lines.flatMap((line, index) =>
      redaction.text(line) === line ? [] : [`${path}:${index + 1} ${redaction.text(line).trim().slice(0, 90)}`],
    );
  });
  assert.deepEqual(changed, []);
});
