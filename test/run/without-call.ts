/**
 * `node without-call.ts <system call> <program> <argument …>`: becomes that program on a kernel that seems not to have the
 * call: a filter answers "not implemented" to it, here and in all that is started from here. Without
 * landlock_create_ruleset there is no Landlock, without unshare there are no namespaces.
 */
import { addressOf, systemCall } from '../../sandbox/native.ts';
import { type SystemCallName, systemCallNumber } from '../../sandbox/syscalls.ts';

const [setNoNewPrivileges, loadNumber, jumpIfEqual, answer] = [38, 0x20, 0x15, 0x06];
const [allow, notImplemented] = [0x7fff0000, 0x00050026];
const instructions = [
  [loadNumber, 0, 0, 0],
  [jumpIfEqual, 0, 1, systemCallNumber(process.argv[2] as SystemCallName)],
  [answer, 0, 0, notImplemented],
  [answer, 0, 0, allow],
] as const;
const program = Buffer.alloc(instructions.length * 8);
for (const [index, [code, jumpTrue, jumpFalse, value]] of instructions.entries()) {
  program.writeUInt16LE(code, index * 8);
  program.writeUInt8(jumpTrue, index * 8 + 2);
  program.writeUInt8(jumpFalse, index * 8 + 3);
  program.writeUInt32LE(value, index * 8 + 4);
}
const header = Buffer.alloc(16);
header.writeUInt16LE(instructions.length, 0);
header.writeBigUInt64LE(addressOf(program), 8);
systemCall(systemCallNumber('prctl'), setNoNewPrivileges, 1, 0, 0, 0);
if (systemCall(systemCallNumber('seccomp'), 1, 1, header) !== 0) process.exit(99);
process.execve?.('/bin/sh', ['sh', ...process.argv.slice(3)], process.env);
