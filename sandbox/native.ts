import koffi from 'koffi';

/** One argument of a system call: a number as it is, or a buffer whose address is passed (kept alive by the caller). */
export type Word = number | bigint | Buffer;

type RawCall = (number: number, ...words: (number | bigint)[]) => number;

let rawCall: RawCall | undefined;

/** The C library's `syscall`, found among the symbols of the running process (glibc and musl alike). */
function load(): RawCall {
  const integers = Array<string>(7).fill('int64');
  rawCall ??= koffi.load(null).func('syscall', 'int64', integers) as unknown as RawCall;
  return rawCall;
}

/**
 * Performs one Linux system call on the calling thread. Answers what the kernel does: a value ≥ 0, or `-errno`.
 * Never throws for a refused call. Linux only.
 */
export function systemCall(number: number, ...words: Word[]): number {
  const full: (number | bigint)[] = words.map((word) => (Buffer.isBuffer(word) ? addressOf(word) : word));
  while (full.length < 6) full.push(0);
  const value = load()(number, ...full);
  return value === -1 ? -koffi.errno() : value;
}

/** The memory address of a buffer's first byte. The buffer must outlive every use of the address. */
export function addressOf(buffer: Buffer): bigint {
  return BigInt(koffi.address(buffer));
}

/** A zero-terminated C string. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf8');
}

/** The symbolic name of an errno (`EPERM`), or `errno 42`. */
export function errnoName(errno: number): string {
  const found = Object.entries(koffi.os.errno).find(([, value]) => value === errno);
  return found ? found[0] : `errno ${errno}`;
}
