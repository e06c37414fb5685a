import type * as z from 'zod/mini';
import { Fault } from '../ipc/fault.ts';
import { openDatabase, translate } from './open.ts';

/**
 * The data about models that all hosts of this machine share: one row of JSON per key. Disposable: its loss costs
 * accuracy, never work, so none of its failures reaches a run. Without it a host keeps its own rows in memory.
 */
export type LiveRows = {
  /**
   * Reads the row `key` (null: there is none, or `schema` refuses it), writes the row that `change` makes of it and returns
   * the answer of `change`. One short transaction: nothing may be awaited in `change`.
   */
  change<Row, Answer>(
    key: string,
    schema: z.ZodMiniType<Row>,
    change: (row: Row | null) => { row: Row; answer: Answer },
  ): Answer;
  close(): void;
};

const liveVersion = 1;
const tables = 'CREATE TABLE rows (key TEXT PRIMARY KEY, body TEXT NOT NULL)';

/** Opens the shared rows at `path`, when they are first needed. */
export function openLive(path: string): LiveRows {
  let shared: ReturnType<typeof sharedRows> | undefined;
  let lost = false;
  const own = new Map<string, string>();
  const open = () => {
    if (lost) return undefined;
    try {
      shared ??= sharedRows(path);
    } catch {
      lost = true; // damaged, foreign or impossible to make: no run may fail for it
    }
    return shared;
  };
  return {
    change(key, schema, change) {
      try {
        const rows = open();
        if (rows) return rows.change(key, schema, change);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        lost = true;
        shared?.close();
        shared = undefined;
      }
      const { row, answer } = change(parse(own.get(key), schema));
      own.set(key, JSON.stringify(row));
      return answer;
    },
    close: () => shared?.close(),
  };
}

function sharedRows(path: string) {
  const db = openDatabase(path, liveVersion, { create: tables });
  const read = db.prepare('SELECT body FROM rows WHERE key = ?');
  const write = db.prepare('INSERT INTO rows VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body');
  const inTransaction = db.transaction((act: () => void) => act());
  return {
    change<Row, Answer>(
      key: string,
      schema: z.ZodMiniType<Row>,
      change: (row: Row | null) => { row: Row; answer: Answer },
    ): Answer {
      let result: { row: Row; answer: Answer } | undefined;
      translate(path, () =>
        inTransaction.immediate(() => {
          result = change(parse((read.get(key) as { body: string } | undefined)?.body, schema));
          write.run(key, JSON.stringify(result.row));
        }),
      );
      return result!.answer;
    },
    close: () => void db.close(),
  };
}

function parse<Row>(body: string | undefined, schema: z.ZodMiniType<Row>): Row | null {
  if (body === undefined) return null;
  try {
    return schema.parse(JSON.parse(body));
  } catch {
    return null;
  }
}
