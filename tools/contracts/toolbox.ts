import * as z from 'zod/mini';
import type { ToolSpec } from '../../ipc/message.ts';
import { agents } from './agents.ts';
import { applyPatch } from './apply-patch.ts';
import { changeImport } from './change-import.ts';
import { command } from './command.ts';
import { delegate } from './delegate.ts';
import { diagnostics } from './diagnostics.ts';
import { editFile } from './edit-file.ts';
import { fetchUrl } from './fetch-url.ts';
import { findDefinition } from './find-definition.ts';
import { findReferences } from './find-references.ts';
import { findSymbol } from './find-symbol.ts';
import { finish } from './finish.ts';
import { listFiles } from './list-files.ts';
import { moveModule } from './move-module.ts';
import { proposePlan } from './propose-plan.ts';
import { readFile } from './read-file.ts';
import { renameSymbol } from './rename-symbol.ts';
import { rewriteStructure } from './rewrite-structure.ts';
import { runCommand } from './run-command.ts';
import { search } from './search.ts';
import { searchStructure } from './search-structure.ts';
import { todo } from './todo.ts';
import type { Tool } from './tool.ts';
import { webSearch } from './web-search.ts';
import { writeFile } from './write-file.ts';

/** Every tool there is, by its name; a role's `tools` says which of them its agents get. */
const all = [
  readFile,
  listFiles,
  search,
  searchStructure,
  rewriteStructure,
  editFile,
  applyPatch,
  writeFile,
  runCommand,
  command,
  findSymbol,
  findDefinition,
  findReferences,
  diagnostics,
  renameSymbol,
  moveModule,
  changeImport,
  delegate,
  agents,
  todo,
  fetchUrl,
  webSearch,
  proposePlan,
  finish,
] as unknown as Tool<unknown>[];

export const toolbox: ReadonlyMap<string, Tool<unknown>> = new Map(all.map((tool) => [tool.name, tool]));

/** Whether any of these tools can change something. A name that no tool has changes nothing. */
export function anyWrites(names: string[]): boolean {
  return names.some((name) => Boolean(toolbox.get(name)?.writes));
}

/** The tools of a role as a model sees them, in the role's order. A name that no tool has is left out. */
export function toolSpecs(names: string[]): ToolSpec[] {
  return names.flatMap((name) => {
    const tool = toolbox.get(name);
    if (!tool) return [];
    const spec = specs.get(name) ?? specOf(tool);
    specs.set(name, spec);
    return [spec];
  });
}

/** Kept because many agents have the same tools. */
const specs = new Map<string, ToolSpec>();

/** The schema is made on first use: a role's schemas take 4 to 6 ms, and the embedded model never uses one. */
function specOf({ name, description, arguments: schemaOf, hidden = [] }: Tool<unknown>): ToolSpec {
  let made: unknown;
  return {
    name,
    description,
    get schema() {
      if (made === undefined) {
        const { $schema: _, ...schema } = z.toJSONSchema(schemaOf, { io: 'input' });
        for (const argument of hidden) delete schema.properties?.[argument];
        made = withoutNoise(schema);
      }
      return made;
    },
  };
}

/** The schema without limits that say nothing to a model: the largest number there is, texts that are not empty. */
function withoutNoise(schema: unknown): unknown {
  const text = JSON.stringify(schema, (key, value) => {
    const isNoise = (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) || (key === 'minLength' && value === 1);
    return isNoise || (key === 'default' && value === false) ? undefined : value;
  });
  return JSON.parse(text);
}
