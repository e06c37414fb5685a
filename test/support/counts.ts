import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countAfter, countBefore } from './coder-model.ts';
import { makeRepository, type TestRepository, temporaryFolder } from './repository.ts';

/** A repository with one count per file, for plans whose tasks each raise one: what is done twice shows in the tree. */
export type Counts = TestRepository & {
  /** The tree in which every count was raised exactly once. */
  raisedTree: string;
  /** The tree in which only these counts were raised. */
  treeRaised(numbers: number[]): string;
  /** A plan file with a task `n<number>` for each number. */
  planFile(numbers: number[]): string;
};

const agentsToml = '[checks]\ndetect = false\nadd = [{ name = "once", command = "! grep -rq \'1 + 1 + 1\' counts" }]\n';

/** `padding` follows the count in the last file. */
export function countsRepository(files: number, padding = ''): Counts {
  const all = Array.from({ length: files }, (_, at) => at + 1);
  const textOf = (text: string, numbers = all) =>
    Object.fromEntries(
      numbers.map((number) => [`counts/n${number}.txt`, `${text}\n${number === files ? padding : ''}`]),
    );
  const repository = makeRepository({ 'agents.toml': agentsToml, ...textOf(countBefore) });
  const treeRaised = (numbers: number[]) => {
    repository.write(textOf(countAfter, numbers));
    repository.git('add', '--all');
    const tree = repository.git('write-tree');
    repository.git('reset', '--quiet', '--hard');
    return tree;
  };
  return {
    ...repository,
    raisedTree: treeRaised(all),
    treeRaised,
    planFile(numbers) {
      const tasks = numbers.map(
        (number) =>
          `[[tasks]]\nid = "n${number}"\ntitle = "Raise ${number}"\nprompt = "Raise counts/n${number}.txt by one."\nscope = ["counts/n${number}.txt"]\n`,
      );
      const file = join(temporaryFolder('plan'), 'plan.toml');
      writeFileSync(file, `goal = "raise counts"\n\n${tasks.join('\n')}`);
      return file;
    },
  };
}

export function numbersTo(last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
