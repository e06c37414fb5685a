// Goal: registries are granted by name, and a name that is not known is a mistake that says which are.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../../orchestrator/config/config.ts';
import { grantedRegistries, grantMistake, hostsOf } from '../../../orchestrator/config/registries.ts';
import { temporaryFolder } from '../../support/repository.ts';

const none = { allow: [], registries: {} };

test('a registry stands for its hosts, the usual ones or those of the configuration', () => {
  assert.deepEqual(hostsOf(['registry:pypi', 'a.example.org'], none), [
    'pypi.org',
    'files.pythonhosted.org',
    'a.example.org',
  ]);
  assert.deepEqual(hostsOf(['registry:npm'], { ...none, registries: { npm: ['npm.corp.example:8443'] } }), [
    'npm.corp.example:8443',
  ]);
});

test('a registry is granted when all its hosts are', () => {
  assert.deepEqual(grantedRegistries(none), []);
  assert.deepEqual(grantedRegistries({ ...none, allow: ['registry:go'] }), ['go']);
  assert.deepEqual(grantedRegistries({ ...none, allow: ['proxy.golang.org'] }), []);
  assert.deepEqual(grantedRegistries({ ...none, allow: ['*.golang.org'] }), ['go']);
  const own = { allow: ['npm.corp.example:8443'], registries: { npm: ['npm.corp.example:8443'] } };
  assert.deepEqual(grantedRegistries(own), ['npm']);
});

test('a name that is no registry is a mistake', () => {
  assert.match(
    grantMistake('registry:nmp') ?? '',
    /registry:nmp is no registry that is known: registry:npm, registry:pypi/,
  );
  assert.equal(grantMistake('registry:npm'), undefined);
  assert.match(grantMistake('http://x') ?? '', /is no host/);
});

test('a table of hosts for an unknown registry is told with the known ones', () => {
  const file = join(temporaryFolder('registries'), 'agents.toml');
  writeFileSync(file, '[network]\nregistries = { nmp = ["npm.example.org"] }\n');
  assert.throws(
    () => loadConfig(file, null),
    /agents\.toml:2: network\.registries\.nmp: no such registry; known: npm, pypi/,
  );
});
