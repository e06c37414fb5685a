/** Control characters never reach the terminal raw: text of a repository is not to be trusted with it. */
export function safe(line: string): string {
  return line.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '�');
}
