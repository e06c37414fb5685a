/**
 * Goal: the way to a vendor comes from the user's configuration and variables, as texts that an agent can use, and a
 * mistake is told with its place. Method: real files, given environments.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig } from '../../../orchestrator/config/config.ts';
import { knownSecrets } from '../../../orchestrator/environment/known-secrets.ts';
import { connectionOf } from '../../../orchestrator/models/connections.ts';
import { openChoice } from '../../../orchestrator/models/keys.ts';
import { resolveModel } from '../../../orchestrator/models/resolve.ts';

const folder = mkdtempSync(join(tmpdir(), 'vtcode-way-'));
after(() => rmSync(folder, { recursive: true, force: true }));
function fileOf(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
const url = 'https://models.example.org/v1';

test('variables name the proxy and more authorities; settings of the vendor win', () => {
  const environment = { HTTPS_PROXY: 'http://me:pass@p:1', NODE_EXTRA_CA_CERTS: fileOf('extra.pem', pem('extra')) };
  const tls = { ca: pem('extra') };
  assert.deepEqual(connectionOf('v', url, {}, environment), { proxy: 'http://me:pass@p:1/', tls });
  assert.deepEqual(connectionOf('v', url, { proxy: 'socks5://q:2' }, environment), { proxy: 'socks5://q:2', tls });
  assert.deepEqual(connectionOf('v', url, { proxy: 'none' }, environment), { tls });
  assert.deepEqual(connectionOf('v', url, {}, {}), {});
  const local = connectionOf('v', 'http://localhost:1/v1', { proxy: 'http://q:2' }, environment);
  assert.deepEqual(local, { proxy: 'http://q:2/', tls });
});

test('files of the vendor are read, also below the home folder', () => {
  fileOf('ca.pem', pem('ca'));
  const key = fileOf('me.key', '-----BEGIN PRIVATE KEY-----\n');
  const settings = {
    ca_file: '~/ca.pem',
    client_cert_file: fileOf('me.pem', pem('me')),
    client_key_file: key,
    client_key_passphrase_env: 'PHRASE',
  };
  assert.deepEqual(connectionOf('v', url, settings, { HOME: folder, PHRASE: 'open' }), {
    tls: { ca: pem('ca'), cert: pem('me'), key: '-----BEGIN PRIVATE KEY-----\n', passphrase: 'open' },
  });
});

test('a mistake is told with its place; a file of the variable that is missing is left out', () => {
  const nowhere = join(folder, 'nowhere.pem');
  assert.deepEqual(connectionOf('v', url, {}, { NODE_EXTRA_CA_CERTS: nowhere }), {});
  for (const [settings, environment, message] of [
    [{ ca_file: nowhere }, {}, /^ca_file of \[providers\.v\] cannot be read: ENOENT/],
    [{ ca_file: 'ca.pem' }, {}, /^ca_file of \[providers\.v\] cannot be read: it is no absolute path/],
    [{ client_key_file: fileOf('no.pem', 'x') }, {}, /^client_key_file .* it holds no PEM text/],
    [{}, { https_proxy: 'ftp://p' }, /^https_proxy is no proxy that vtcode can speak to/],
  ] as const)
    assert.throws(() => connectionOf('v', url, settings, environment), { code: 'config_invalid', message });
});

test("the way reaches the endpoint, and only the user's file sets it", async () => {
  const [user, repository] = [join(folder, 'user.toml'), join(folder, 'agents.toml')];
  writeFileSync(user, `[providers.v]\nbase_url = "${url}"\nformat = "openai-chat"\nproxy = "http://p:1"\n`);
  writeFileSync(repository, '[providers.v]\nproxy = "http://evil:1"\nca_file = "/tmp/evil.pem"\n');
  const { config, notes } = loadConfig(user, repository);
  const endpoint = await openChoice(resolveModel('v/m', config, {}), {});
  assert.deepEqual([endpoint?.proxy, endpoint?.tls], ['http://p:1/', undefined]);
  assert.match(notes.join('\n'), /providers is ignored/);
  writeFileSync(user, '[providers.v]\nproxy = "http://me:word@p:1"\n');
  assert.throws(() => loadConfig(user, null), { code: 'config_invalid', message: /without user and password/ });
});

test("a proxy's password is a secret to the redactor", () => {
  const environment = { https_proxy: 'http://me:top%20secret@p:1', ALL_PROXY: 'me:50%off-word@p', NO_PROXY: 'a,b' };
  assert.deepEqual(knownSecrets(environment), ['top%20secret', 'top secret', '50%off-word']);
});
