import type { ModelFacts, Prices } from '../../ipc/model.ts';
import { modelTable } from './models-data.ts';

/** The table's facts on a vendor's model; null: it has none. A dated name (`…-20261001`) is its undated model. */
export function modelFacts(vendor: string, model: string): ModelFacts | null {
  const known = factsOf(vendor);
  return known.get(model) ?? known.get(model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, '')) ?? null;
}

/** The names of the models that the table has of a vendor, the newest first; empty for one it does not know. */
export function modelsOf(vendor: string): string[] {
  return [...factsOf(vendor).keys()];
}

/** Every vendor that has a model of this name. */
export function vendorsOf(model: string): string[] {
  return Object.keys(modelTable).filter((vendor) => factsOf(vendor).has(model));
}

const parsed = new Map<string, Map<string, ModelFacts>>();

function factsOf(vendor: string): Map<string, ModelFacts> {
  const before = parsed.get(vendor);
  if (before) return before;
  const lines = Object.hasOwn(modelTable, vendor) ? modelTable[vendor]!.trim().split('\n') : [];
  const facts = new Map(lines.map(parseLine));
  parsed.set(vendor, facts);
  return facts;
}

function parseLine(line: string): [string, ModelFacts] {
  const [name = '', context = '', output = '-', flags = '', ...amounts] = line.split(' ');
  const facts: ModelFacts = {
    contextTokens: Number(context),
    outputTokensMax: output === '-' ? null : Number(output),
    prices: pricesOf(amounts.map(Number)),
    reasoning: flags.includes('r'),
    images: flags.includes('i'),
  };
  return [name, facts];
}

function pricesOf([input, output, cacheRead, cacheWrite]: number[]): Prices | null {
  if (input === undefined || output === undefined) return null;
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
  };
}
