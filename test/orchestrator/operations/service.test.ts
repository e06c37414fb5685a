import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { serviceFile } from '../../../orchestrator/operations/service.ts';
import { vtcodeHere } from '../../support/vtcode-here.ts';

/**
 * Goal: the service starts supervise with what it needs and no key, and outlives nobody's hosts; without a service manager
 * it says so. Method: the texts as they are, and the real program with a PATH that holds another systemctl, or none.
 */
const environment = {
  HOME: '/home/ann',
  PATH: '/usr/bin',
  XDG_STATE_HOME: '/data/50%',
  ANTHROPIC_API_KEY: 'sk-secret',
};
const place = { launcher: '/opt/my tools/vtcode', home: '/home/ann', environment };

test('the systemd unit: where it lies and all of what it says', () => {
  const file = serviceFile('linux', place);
  assert.equal(file?.path, '/home/ann/.config/systemd/user/vtcode-supervise.service');
  assert.equal(
    file?.text,
    `[Unit]
Description=vtcode: keeps detached runs of coding agents alive

[Service]
ExecStart="/opt/my tools/vtcode" supervise
Environment="HOME=/home/ann"
Environment="PATH=/usr/bin"
Environment="XDG_STATE_HOME=/data/50%%"
KillMode=process
Restart=on-failure
RestartSec=5

[Install]
WantedBy=default.target
`,
  );
});

test('the launchd agent leaves hosts alone and holds no key; elsewhere there is no service', () => {
  const file = serviceFile('darwin', { ...place, launcher: '/opt/a&b/vtcode' });
  assert.equal(file?.path, '/home/ann/Library/LaunchAgents/io.github.vtcode.supervise.plist');
  assert.match(file?.text ?? '', /<string>\/opt\/a&amp;b\/vtcode<\/string>\n {4}<string>supervise<\/string>/);
  assert.match(file?.text ?? '', /<key>AbandonProcessGroup<\/key>\n {2}<true\/>/);
  assert.doesNotMatch(file?.text ?? '', /sk-secret/);
  assert.equal(serviceFile('freebsd', place), null);
});

test('install, status and uninstall, with a service manager and without', {
  skip: process.platform !== 'linux',
}, async () => {
  const vtcode = vtcodeHere();
  const home = join(vtcode.state, '..');
  const bin = join(home, 'bin');
  const unit = join(home, 'config', 'systemd', 'user', 'vtcode-supervise.service');
  const manager = (text: string) => {
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  const call = (act: string) =>
    vtcode.call(['service', act], { environment: { PATH: `${bin}:${vtcode.environment.PATH}` } });
  manager('echo "Failed to connect to bus" >&2; exit 1');
  const refused = await call('install');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /could not be started: .*Failed to connect to bus/);
  assert.match(refused.stderr, /have your system run 'vtcode supervise' at login/);
  manager('exit 0');
  assert.equal((await call('install')).code, 0);
  assert.equal((await call('status')).stdout, `Installed: ${unit}\n`);
  assert.equal((await call('uninstall')).stdout, `Removed ${unit}.\n`);
  assert.ok(!existsSync(unit));
  const none = await call('status');
  assert.deepEqual({ code: none.code, said: /There is no service/.test(none.stdout) }, { code: 1, said: true });
  assert.equal((await call('remove')).code, 2);
  rmSync(home, { recursive: true, force: true });
});
