import { Fault } from '../ipc/fault.ts';
import { addressOf, errnoName, systemCall } from './native.ts';
import { systemCallNumber } from './syscalls.ts';

/**
 * A real pipe, both ends closed on exec. Node's own 'pipe' is a socket pair, which programs cannot open again as
 * `/dev/stderr`; and one pipe for both outputs keeps their order. The caller closes both ends. Linux only.
 */
export function openPipe(): { readEnd: number; writeEnd: number } {
  const ends = Buffer.alloc(8);
  const closeOnExecute = 0o2000000;
  const result = systemCall(systemCallNumber('pipe2'), addressOf(ends), closeOnExecute);
  if (result < 0) throw new Fault('process_failed', `no pipe could be opened: ${errnoName(-result)}`);
  return { readEnd: ends.readInt32LE(0), writeEnd: ends.readInt32LE(4) };
}
