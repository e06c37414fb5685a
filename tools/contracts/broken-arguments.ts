/** How much of the text before the place of a mistake is shown, in characters. */
const shownMax = 40;

/**
 * Why arguments that stayed text are no JSON, and where, for the model that wrote them; null: they are no text. What could
 * be repaired with certainty is repaired by now (providers/formats/arguments.ts).
 */
export function brokenArguments(given: unknown): string | null {
  if (typeof given !== 'string') return null;
  const again = 'Make the call again with one JSON object as its arguments.';
  try {
    JSON.parse(given);
    return `The arguments are a string, not a JSON object. ${again}`;
  } catch (error) {
    const { message } = error as Error;
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? Number.NaN);
    const before = given.slice(Math.max(0, position - shownMax), position);
    const where = Number.isNaN(position) ? '' : `, after ${JSON.stringify(before)}`;
    return `The arguments are not valid JSON: ${message}${where}. ${again}`;
  }
}
