// Loaded into a vtcode host by the tests (NODE_OPTIONS=--import): kills it the moment it tells of event DIE_AT_EVENT, or
// of the event number DIE_AT_COUNT (1 for the first) of type DIE_AT_TYPE.
// A host tells of an event after it was written and folded, and before anything that follows from it is begun.
const { DIE_AT_EVENT, DIE_AT_TYPE, DIE_AT_COUNT = '1' } = process.env;
const wanted = DIE_AT_EVENT === undefined ? Number.POSITIVE_INFINITY : Number(DIE_AT_EVENT);
let left = Number(DIE_AT_COUNT);
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (chunk, ...rest) => {
  const [, seq, type] = /^\{"seq":(\d+),(?:[^{]*?"type":"([\w.]+)")?/.exec(String(chunk)) ?? [];
  if (type !== undefined && type === DIE_AT_TYPE) left -= 1;
  if (seq !== undefined && (Number(seq) >= wanted || left <= 0)) process.kill(process.pid, 'SIGKILL');
  return write(chunk, ...rest);
};
