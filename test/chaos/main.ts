import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Order, type Part, type PartResult, partNamed, parts } from './parts.ts';

const usage = `npm run proof -- [part …] [--quick] [--seed N] [--amount N] [--continue]

Does the long proofs one after the other and ends with one summary; without a name, all of them:
${parts.map(({ name, about, amount }) => `  ${name.padEnd(12)} ${about} (${amount})`).join('\n')}

  --quick      the sample that npm test does
  --seed N     repeats what was random in an earlier proof; every part prints its seed
  --amount N   so many kills, runs or agents, or tasks of the run that dies at every event
  --continue   goes on where an interrupted proof with this seed stopped (.chaos/)
`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seed: { type: 'string' },
    amount: { type: 'string' },
    continue: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const tell = (line: string) => process.stdout.write(`${line}\n`);
if (values.help) tell(usage);
else process.exitCode = await prove(positionals.length === 0 ? parts : positionals.map(partNamed));

/** Works the parts and prints the summary; answers the exit code. */
async function prove(chosen: Part[]): Promise<number> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const lines: string[] = [];
  let faults = 0;
  for (const part of chosen) {
    const began = performance.now();
    const amount = Number(values.amount ?? (values.quick ? part.quickAmount : part.amount));
    tell(`── ${part.name}: ${part.about}; seed ${seed}, amount ${amount}`);
    const result = await workedOn(part, seed, amount);
    faults += result.faults.length;
    const counts = Object.entries(result.counts).map(([name, count]) => `${count} ${name}`);
    const seconds = Math.round((performance.now() - began) / 1_000);
    lines.push(`${part.name.padEnd(12)} ${result.faults.length} faults, ${counts.join(', ')}, ${seconds} s`);
    lines.push(...result.faults.map((fault) => `  FAULT ${fault}`));
  }
  tell(`\n── Proof, seed ${seed}`);
  for (const line of lines) tell(line);
  return faults === 0 ? 0 : 1;
}

/** Keeps where the part stands, so that an interrupted one can go on. A part that throws has broken a promise too. */
async function workedOn(part: Part, seed: number, amount: number): Promise<PartResult> {
  const file = join('.chaos', `${part.name}-seed-${seed}${values.quick ? '-quick' : ''}.json`);
  const keep = (progress: object) => {
    mkdirSync('.chaos', { recursive: true });
    writeFileSync(file, JSON.stringify(progress));
  };
  const order: Order = { seed, amount, isQuick: values.quick, tell, keep };
  if (values.continue && existsSync(file)) order.from = JSON.parse(readFileSync(file, 'utf8'));
  try {
    const result = await part.work(order);
    rmSync(file, { force: true });
    return result;
  } catch (error) {
    return { faults: [String(error)], counts: {} };
  }
}
