/** A host with a family, to be killed by a test. `node doomed-host.ts <token> <mark> <what>`. Prints `ready`. */
import { fileURLToPath } from 'node:url';
import { startChild } from '../../supervisor/child.ts';
import { familyVariable } from '../../supervisor/process-tree.ts';
import { startFamily } from '../../supervisor/process-tree-reaper.ts';

const [, , token = '', mark = '60', what = 'family'] = process.argv;
const family = what === 'family' ? startFamily(token) : undefined;
const child = startChild<string>({
  program: fileURLToPath(new URL('./stubborn-child.ts', import.meta.url)),
  arguments: [what, mark],
  environment: { PATH: '/usr/bin:/bin', [familyVariable]: token },
});
family?.watch(child.pid);
child.channel.onMessage(() => setTimeout(() => process.stdout.write(`ready ${child.pid}\n`), 300));
setInterval(() => {}, 1_000);
