/** Goal: a grant means one thing, in whatever form a host is written, and a repository only narrows. Method: tables. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig } from '../../orchestrator/config/config.ts';
import { canonicalHost, isGranted, isPublic, narrowGrants, whatIsWrong } from '../../sandbox/grants.ts';

test('a host has one form', () => {
  const forms: [string, string | undefined][] = [
    ['API.Example.ORG.', 'api.example.org'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['127.0.0.1', '127.0.0.1'],
    ...['2130706433', '0x7f000001', '017700000001', '127.1', '0x7f.1', '127.0.1'].map((text): [string, string] => [
      text,
      '127.0.0.1',
    ]),
    ['[::1]', '::1'],
    ['[::ffff:127.0.0.1]', '::ffff:7f00:1'],
    ...[
      '',
      '.',
      'a b',
      'a/b',
      'a@b',
      'a\\b',
      'a?b',
      'a#b',
      'a%2eb',
      '%61',
      'a\0b',
      '*.a',
      '::1',
      '[::1',
      'a'.repeat(256),
      '256.1.1.1',
      '-.-',
    ].map((text): [string, undefined] => [text, undefined]),
  ];
  assert.deepEqual(
    forms.map(([text]) => [text, canonicalHost(text)]),
    forms,
  );
});

test('grants cover what they name, at the usual ports or theirs', () => {
  const grants = ['api.example.org', '*.npmjs.org:443', 'Bücher.example:8080', '10.0.0.7:5432', '[fd00::7]'];
  const granted = [
    'api.example.org 443',
    'api.example.org 80',
    'registry.npmjs.org 443',
    'a.b.npmjs.org 443',
    'xn--bcher-kva.example 8080',
    '10.0.0.7 5432',
    'fd00::7 80',
  ];
  const others = [
    'api.example.org 8443',
    'example.org 443',
    'x.api.example.org 443',
    'npmjs.org 443',
    'evilnpmjs.org 443',
    'registry.npmjs.org 80',
    'registry.npmjs.org.evil.org 443',
    '10.0.0.7 443',
    '10.0.0.8 5432',
  ];
  const all = [...granted, ...others].filter((text) => {
    const [host = '', port] = text.split(' ');
    return isGranted({ host, port: Number(port) }, grants);
  });
  assert.deepEqual(all, granted);
});

test('what is no grant is told', () => {
  const wrong = [
    '',
    '*',
    '*.org',
    '*.10.0.0.1',
    'https://a.org',
    'a.org/path',
    'a.org:0',
    'a.org:65536',
    'a.org:http',
    '*.*.org',
    'a.*',
    '::1',
    'user@a.org',
    'a.org:443:443',
  ];
  assert.deepEqual(
    wrong.filter((text) => whatIsWrong(text) === undefined),
    [],
  );
});

test('a repository narrows and never opens', () => {
  const own = ['*.npmjs.org:443', 'api.example.org', '127.0.0.1:80'];
  const cases: [string[], { allow: string[]; ignored: string[] }][] = [
    [[], { allow: [], ignored: [] }],
    [own, { allow: own, ignored: [] }],
    [['registry.npmjs.org:443', 'evil.org'], { allow: ['registry.npmjs.org:443'], ignored: ['evil.org'] }],
    [['*.example.org'], { allow: ['api.example.org'], ignored: [] }],
    [['registry.npmjs.org'], { allow: [], ignored: ['registry.npmjs.org'] }],
    [['api.example.org:443'], { allow: ['api.example.org:443'], ignored: [] }],
  ];
  for (const [wanted, expected] of cases) assert.deepEqual(narrowGrants(own, wanted), expected, wanted.join());
  const folder = mkdtempSync(join(tmpdir(), 'vtcode-grants-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const user = write('user.toml', '[network]\nallow = ["*.npmjs.org:443", "api.example.org"]\n');
  const { config, notes } = loadConfig(
    user,
    write('repo.toml', '[network]\nallow = ["registry.npmjs.org:443", "evil.org"]\n'),
  );
  assert.deepEqual(config.network.allow, ['registry.npmjs.org:443']);
  assert.deepEqual(notes, [
    'network.allow: evil.org is ignored: a repository cannot open the network. Grant it in your own file.',
  ]);
  assert.deepEqual(
    loadConfig(join(folder, 'none'), write('repo2.toml', '[network]\nallow = ["a.org"]\n')).config.network.allow,
    [],
  );
  assert.throws(
    () => loadConfig(write('wrong.toml', '[network]\nallow = ["https://a.org"]\n'), null),
    /wrong\.toml:2: network\.allow.*must be a host/,
  );
});

test('only addresses of the public internet are public', () => {
  const open = ['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::1'];
  const closed = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2002:7f00:1::',
    '2001:0:1::',
    '2001:db8::1',
    'example.org',
    '',
  ];
  assert.deepEqual([open.filter((one) => !isPublic(one)), closed.filter(isPublic)], [[], []]);
});
