/**
 * The tool that a model meant. Marks of its own template (`read_file<|channel|>commentary`), a namespace
 * (`functions.read_file`) and other case are no part of the name. A name that is no tool even then stays as it is, as far as
 * a screen can show it.
 */
export function meantName(name: string, tools: { name: string }[]): string {
  if (tools.some((tool) => tool.name === name)) return name;
  const bare = name
    .replace(/<[|｜].*$/s, '')
    .replace(/^[\s"'`]*((functions?|tools?|default_api)[.:/])?/, '')
    .replace(/[\s"'`]*(\(\))?[\s"'`]*$/, '');
  const same = tools.filter((tool) => tool.name.toLowerCase() === bare.toLowerCase());
  const printable = name.replace(/\p{Cc}/gu, '_').slice(0, shownMax);
  return tools.find((tool) => tool.name === bare)?.name ?? (same.length === 1 ? same[0]!.name : printable);
}

/** A longer name is no name. */
const shownMax = 100;
/** The longest name that every vendor takes. */
const lengthMax = 64;

/** A name that every vendor takes back in a history: letters, digits, `_` and `-`, no digit first. */
export function legalName(name: string): string {
  const legal = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, lengthMax);
  return /^[A-Za-z_]/.test(legal) ? legal : `_${legal}`.slice(0, lengthMax);
}
