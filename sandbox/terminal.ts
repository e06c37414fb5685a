import { closeSync, constants, openSync } from 'node:fs';
import { systemCall } from './native.ts';
import { systemCallNumber } from './syscalls.ts';

/** Both ends of a terminal: what a program writes to `programEnd` is read from `ourEnd`. The caller closes both. */
export type TerminalEnds = { ourEnd: number; programEnd: number };

/** The calls of a terminal's device, from the kernel's asm-generic/ioctls.h; the same on x64 and arm64. */
const [unlock, numberOf, setSize] = [0x40045431, 0x80045430, 0x5414];

/**
 * A terminal of this size that is no process's controlling terminal. Its program's end can only be written to, so that
 * a program that waits for a key ends instead. Null where there is none: not Linux, or no terminals within the walls.
 */
export function openTerminal({ columns, rows }: { columns: number; rows: number }): TerminalEnds | null {
  if (process.platform !== 'linux') return null;
  const { O_RDWR, O_WRONLY, O_NOCTTY, O_NONBLOCK } = constants;
  let ourEnd: number;
  try {
    ourEnd = openSync('/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const size = Buffer.alloc(8);
    size.writeUInt16LE(rows, 0);
    size.writeUInt16LE(columns, 2);
    const number = Buffer.alloc(4);
    const control = (request: number, argument: Buffer) =>
      systemCall(systemCallNumber('ioctl'), ourEnd, request, argument) >= 0;
    if (control(unlock, Buffer.alloc(4)) && control(setSize, size) && control(numberOf, number))
      return { ourEnd, programEnd: openSync(`/dev/pts/${number.readInt32LE(0)}`, O_WRONLY | O_NOCTTY) };
  } catch {
    // Its program's end is out of reach: no terminal then.
  }
  closeSync(ourEnd);
  return null;
}
