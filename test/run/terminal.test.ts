// Goal: on a terminal `run` asks once, works after a yes, and lets no control character of a repository through.
// Method: a real terminal by tmux; what vtcode wrote is taken raw from its pipe, what a person sees from its screen.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runsIn } from '../support/called.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleFiles, sampleGoal, sampleRepository } from '../support/sample.ts';
import { launcher, type TestVtcode, testVtcode } from '../support/vtcode.ts';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;

type Terminal = { screen(): string; raw(): string; type(...keys: string[]): void; vtcode: TestVtcode };

/** A real terminal in which `vtcode run` was typed, on a repository with an evil check name. */
function terminal(t: TestContext): Terminal {
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
  const call = `'${launcher}' run --plan '${sampleGoal}' -C '${repository.root}'`;
  const started = tmux('-f', '/dev/null', 'new-session', '-d', '-x', '160', '-y', '60', 'sh');
  assert.equal(started.status, 0, started.stderr);
  tmux('pipe-pane', '-o', `cat > '${folder}/raw'`);
  tmux('send-keys', '-l', `env ${variables.join(' ')} ${call}; echo "ended $?"`);
  tmux('send-keys', 'Enter');
  return {
    vtcode,
    screen: () => tmux('capture-pane', '-p', '-S', '-200').stdout,
    raw: () => (existsSync(join(folder, 'raw')) ? readFileSync(join(folder, 'raw'), 'latin1') : ''),
    type: (...keys) => void tmux('send-keys', ...keys),
  };
}

const skip = hasTmux ? false : 'tmux is not installed';

test('run asks once at a terminal, works after a yes, and keeps control characters away', { skip }, async (t) => {
  const { screen, raw, type, vtcode } = terminal(t);
  assert.ok(await eventually(() => screen().includes('Run this plan?'), 15_000), screen());
  assert.match(screen(), /src\/user\.ts:1:17/);
  type('y', 'Enter');
  assert.ok(await eventually(() => /ended \d/.test(screen()), 15_000), screen());
  assert.match(screen(), /1 task merged; every check passed/);
  assert.match(screen(), /ended 0/);
  assert.equal(raw().match(/Run this plan\?/g)?.length, 1);
  assert.match(raw(), /nit/);
  assert.equal(raw().includes('\x1b]0;evil'), false);
  assert.equal(runsIn(vtcode).length, 1);
});

test('a plan that waits at a terminal can be accepted from another one', { skip }, async (t) => {
  const { screen, vtcode } = terminal(t);
  assert.ok(await eventually(() => screen().includes('Run this plan?'), 15_000), screen());
  const [run = ''] = runsIn(vtcode);
  const approved = await vtcode.call(['approve', run]);
  assert.match(approved.stdout, new RegExp(`Told the host of ${run}: approve`));
  assert.ok(await eventually(() => /ended \d/.test(screen()), 15_000), screen());
  assert.match(screen(), /1 task merged; every check passed/);
  assert.match(screen(), /ended 0/);
});

test('a plan that is not answered with yes or no waits, and Ctrl+C leaves a run that can be resumed', {
  skip,
}, async (t) => {
  const later = terminal(t);
  assert.ok(await eventually(() => later.screen().includes('Run this plan?'), 15_000), later.screen());
  later.type('Enter');
  assert.ok(await eventually(() => /ended 3/.test(later.screen()), 15_000), later.screen());
  const interrupted = terminal(t);
  assert.ok(await eventually(() => interrupted.screen().includes('Run this plan?'), 15_000), interrupted.screen());
  interrupted.type('C-c');
  assert.ok(await eventually(() => /ended 130/.test(interrupted.screen()), 15_000), interrupted.screen());
});
