/**
 * Control characters never reach the terminal raw, nor those that turn the direction of what follows: text of a
 * repository or a model is not to be trusted with it. A line may end as Windows ends it.
 */
export function safe(line: string): string {
  return line.replace(/\r\n/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '�');
}
