// Goal: a run has one owner, by a lock that the kernel frees when the owner ends in any way.
// Method: leases in this process and in a child that is stopped and killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isHeld, requireLease, takeLease } from '../../state/lease.ts';
import { eventually } from '../support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'vtcode-lease-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a lease is held by one, seen by all, and free again once released', () => {
  const path = join(folder, 'one.db');
  assert.equal(isHeld(path), false, 'a lease that nobody took');
  const lease = takeLease(path);
  assert.ok(lease);
  assert.equal(isHeld(path), true);
  assert.equal(takeLease(path), null);
  assert.throws(() => requireLease(path, 'run_x'), { code: 'run_owned', advice: /vtcode stop run_x/ });
  lease.release();
  assert.equal(isHeld(path), false);
  takeLease(path)?.release();
});

test('a stopped holder keeps its lease, a killed one loses it at once', async () => {
  const path = join(folder, 'two.db');
  const module = join(import.meta.dirname, '..', '..', 'state', 'lease.ts');
  const program = `const { takeLease } = await import(${JSON.stringify(module)}); if (takeLease(${JSON.stringify(path)})) console.log('taken'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  holder.kill('SIGSTOP');
  assert.equal(isHeld(path), true);
  assert.equal(takeLease(path), null);
  holder.kill('SIGKILL');
  assert.ok(await eventually(() => !isHeld(path), 15_000));
});
