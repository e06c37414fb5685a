// Loaded into vtcode by a test (NODE_OPTIONS=--import): its clock is ahead of ours by as many milliseconds as the file
// CLOCK_FILE says at the moment. What only counts up (performance.now, timers) is left as it is.
import { readFileSync } from 'node:fs';

const { CLOCK_FILE = '' } = process.env;
const real = Date.now;
const ahead = () => {
  try {
    return Number(readFileSync(CLOCK_FILE, 'utf8'));
  } catch {
    return 0;
  }
};
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(real() + ahead());
    else super(...given);
  }
  static now() {
    return real() + ahead();
  }
};
