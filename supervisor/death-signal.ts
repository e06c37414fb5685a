import koffi from 'koffi';

/**
 * Makes the kernel kill this process at the moment its parent dies, whatever either is doing (Linux; elsewhere only the
 * closed channel tells). `parent` is the expected pid of our parent: if our parent is another one, the expected one
 * died before this call, and this process exits at once. In a pid namespace of our own the parent's number is always 0:
 * there the closed channel has to tell. Call it on the main thread. The signal comes when the *thread* that started us
 * ends, so parents start their children from their main thread.
 */
export function armDeathSignal(parent: number): void {
  if (process.platform === 'linux') {
    const [parentDeathSignal, kill] = [1, 9];
    const prctl = koffi.load(null).func('prctl', 'int', ['int', 'uint64', 'uint64', 'uint64', 'uint64']);
    prctl(parentDeathSignal, kill, 0, 0, 0);
  }
  if (process.ppid !== parent && process.ppid !== 0) process.exit(1);
}
