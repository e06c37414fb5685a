import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planText, sampleFiles, sampleRepository } from '../support/sample.ts';
import { testVtcode } from '../support/vtcode.ts';

// `node test/histories/make.ts <name>`: works a plan of three tasks (one is parked, one undone) and keeps the events of
// its log as `<name>.jsonl`. A history is never made anew: a later vtcode must read the logs of an earlier one.
const name = process.argv[2];
if (!name) throw new Error('say how the history is to be called, e.g. v1-three-tasks');
const vtcode = testVtcode();
const repository = sampleRepository({
  'agents.toml': `[limits]\nagents = 1\n\n${sampleFiles['agents.toml']}`,
  'src/more.ts': 'export function more(): number {\n  return 1;\n}\n',
});
const plan = planText([
  'first|fetchUser|loadUser|src/{user,page}.ts',
  'second|loadUser|readUser|src/{user,page}.ts|first',
  'narrow|dropUser|removeUser|src/more.ts',
]);
const file = join(vtcode.state, '..', 'plan.toml');
writeFileSync(file, plan);
const waiting = await vtcode.call(['run', '--plan-file', file, '--json', '-C', repository.root]);
const run = String((JSON.parse(waiting.stdout.split('\n')[0] ?? '') as { run: string }).run);
await vtcode.call(['approve', run]);
await vtcode.call(['undo', run, 'second']);
const log = await vtcode.call(['log', run, '--json']);
const events = log.stdout.trim().split('\n').slice(0, -1);
writeFileSync(join(import.meta.dirname, `${name}.jsonl`), `${events.join('\n')}\n`);
repository.remove();
