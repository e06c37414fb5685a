// Loaded into a vtcode host by the tests (NODE_OPTIONS=--import): kills it the moment it tells of event DIE_AT_EVENT.
// A host tells of an event after it was written and folded, and before anything that follows from it is begun.
const wanted = Number(process.env.DIE_AT_EVENT);
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (chunk, ...rest) => {
  const seq = /^\{"seq":(\d+),/.exec(String(chunk))?.[1];
  if (seq !== undefined && Number(seq) >= wanted) process.kill(process.pid, 'SIGKILL');
  return write(chunk, ...rest);
};
