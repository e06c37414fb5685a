import koffi from 'koffi';

/**
 * Makes the kernel kill this process the moment its parent dies, whatever either is doing then (Linux; elsewhere the
 * closed channel has to do). `parent` is the pid that is expected to be our parent: when it is not any more, it died
 * before we were armed and this process exits at once. In a pid namespace of our own nobody's parent has a number (0): there
 * the closed channel has to tell. Call it on the main thread. The signal comes when the *thread*
 * that started us ends, so parents start their children from their main thread.
 */
export function armDeathSignal(parent: number): void {
  if (process.platform === 'linux') {
    const [parentDeathSignal, kill] = [1, 9];
    const prctl = koffi.load(null).func('prctl', 'int', ['int', 'uint64', 'uint64', 'uint64', 'uint64']);
    prctl(parentDeathSignal, kill, 0, 0, 0);
  }
  if (process.ppid !== parent && process.ppid !== 0) process.exit(1);
}
