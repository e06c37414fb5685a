// Goal: on a terminal `run` asks once, works after a yes, and lets no control character of a repository through.
// Method: a real terminal by tmux; what vtcode wrote is taken raw from its pipe, what a person sees from its screen.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runsIn } from '../support/called.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleFiles, sampleGoal, sampleRepository } from '../support/sample.ts';
import { launcher, testVtcode } from '../support/vtcode.ts';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;

test('run asks once at a terminal, works after a yes, and keeps control characters away', async (t) => {
  if (!hasTmux) return t.skip('tmux is not installed');
  const vtcode = testVtcode();
  const folder = temporaryFolder('terminal');
  const tmux = (...words: string[]) =>
    spawnSync('tmux', ['-S', join(folder, 'socket'), ...words], { encoding: 'utf8' });
  const evil = sampleFiles['agents.toml']?.replace('"unit"', '"u\\u001b]0;evil\\u0007nit"') ?? '';
  const repository = sampleRepository({ 'agents.toml': evil });
  t.after(() => {
    tmux('kill-server');
    repository.remove();
    for (const path of [folder, join(vtcode.state, '..')]) rmSync(path, { recursive: true, force: true });
  });
  const variables = Object.entries(vtcode.environment).map(([name, value]) => `${name}='${value}'`);
  const command = `env ${variables.join(' ')} '${launcher}' run --plan '${sampleGoal}' -C '${repository.root}'; echo "ended $?"`;
  const started = tmux('-f', '/dev/null', 'new-session', '-d', '-x', '160', '-y', '60', 'sh');
  assert.equal(started.status, 0, started.stderr);
  tmux('pipe-pane', '-o', `cat > '${folder}/raw'`);
  tmux('send-keys', '-l', command);
  tmux('send-keys', 'Enter');
  const screen = () => tmux('capture-pane', '-p', '-S', '-200').stdout;
  const raw = () => (existsSync(join(folder, 'raw')) ? readFileSync(join(folder, 'raw'), 'latin1') : '');
  assert.ok(await eventually(() => screen().includes('Run this plan?'), 15_000), screen());
  assert.match(screen(), /src\/user\.ts:1:17/);
  tmux('send-keys', 'y', 'Enter');
  assert.ok(await eventually(() => /ended \d/.test(screen()), 15_000), screen());
  assert.match(screen(), /1 task merged; every check passed/);
  assert.match(screen(), /ended 0/);
  assert.equal(raw().match(/Run this plan\?/g)?.length, 1);
  assert.match(raw(), /nit/);
  assert.equal(raw().includes('\x1b]0;evil'), false);
  assert.equal(runsIn(vtcode).length, 1);
});
