import { systemCall } from './native.ts';
import { systemCallNumber } from './syscalls.ts';

const newNetwork = 0x40000000;
const newIpc = 0x08000000;

/**
 * Moves the calling thread, and all it starts from now on, into a network of its own with nothing in it but loopback, so
 * that servers on 127.0.0.1 work and nothing else is there, and into an IPC namespace of its own, apart from the shared
 * memory and queues of other processes. Answers false when the machine refuses.
 */
export function enterPrivateNetwork(): boolean {
  if (systemCall(systemCallNumber('unshare'), newNetwork | newIpc) < 0) return false;
  return raiseLoopback();
}

/** `ifconfig lo up`: SIOCGIFFLAGS, then SIOCSIFFLAGS with IFF_UP, on a `struct ifreq` (name 16 bytes, flags after it). */
function raiseLoopback(): boolean {
  const [inet, datagram, closeOnExecute] = [2, 2, 0o2000000];
  const [getFlags, setFlags, up] = [0x8913, 0x8914, 1];
  const socket = systemCall(systemCallNumber('socket'), inet, datagram | closeOnExecute, 0);
  if (socket < 0) return false;
  const request = Buffer.alloc(40);
  request.write('lo');
  const read = systemCall(systemCallNumber('ioctl'), socket, getFlags, request);
  request.writeUInt16LE(request.readUInt16LE(16) | up, 16);
  const written = read < 0 ? read : systemCall(systemCallNumber('ioctl'), socket, setFlags, request);
  systemCall(systemCallNumber('close'), socket);
  return written === 0;
}
