// Starts /bin/true so many times, one after another, and prints the median from the call to the end, in milliseconds.
import { spawn } from 'node:child_process';

const times = [];
for (let count = 0; count < Number(process.argv[2]); count += 1) {
  const beganMs = performance.now();
  await new Promise((resolve) => spawn('/bin/true', { stdio: 'ignore' }).on('exit', resolve));
  times.push(performance.now() - beganMs);
}
process.stdout.write(String(times.sort((a, b) => a - b)[times.length >> 1]));
