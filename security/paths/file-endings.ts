/** Endings of files that hold source code, pages or plain data: names with them are ordinary files. */
const ordinary =
  'cjs cts mjs mts js jsx ts tsx py go rs java kt rb php c cc cpp h hpp cs swift scala vue svelte css scss html md rst json yaml yml toml txt sh sql xml lock';
/** Endings of settings, which may hold keys. */
const settings = 'cfg ini';

const endings = (list: string) => new RegExp(`[^./]\\.(${list.replaceAll(' ', '|')})$`, 'i');
const ofOrdinary = endings(ordinary);
const ofFiles = endings(`${ordinary} ${settings}`);

/** Whether a path ends as a file does and a branch or a folder does not. */
export function endsAsFile(path: string): boolean {
  return ofFiles.test(path);
}

/** Whether a path ends in the name of a file of source code, pages or data, and not of settings or keys. */
export function isOrdinaryFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return ofOrdinary.test(path) && !/^(config|auth|credentials?|secrets?|token|settings)\./i.test(name);
}
