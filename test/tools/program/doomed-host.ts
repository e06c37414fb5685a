/** A host with hands and a command under way, to be killed by a test. `node doomed-host.ts <token> <mark> <policy JSON>`. */
import { handsPolicy } from '../../../ipc/hands-protocol.ts';
import { startHands } from '../../../orchestrator/hands/hands.ts';
import { startFamily } from '../../../supervisor/process-tree-reaper.ts';
import { permitted } from '../../support/permitted.ts';

const [, , token = '', mark = '', policy = ''] = process.argv;
const family = startFamily(token);
const hands = permitted(
  await startHands({
    ...{ policy: handsPolicy.parse(JSON.parse(policy)), family: token, environment: process.env },
    watch: family.watch,
  }),
);
// The shell gives up its environment first: no process of the command carries a mark.
const stubborn = `setsid sleep ${mark} & (setsid sleep ${mark} &); trap "" TERM; echo started; while :; do :; done`;
const command = `exec env -i sh -c '${stubborn}'`;
await hands.run({ command, directory: '.', timeoutMs: 600_000, onOutput: (text) => process.stdout.write(text) });
