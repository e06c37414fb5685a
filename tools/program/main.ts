import { createServer, type Server } from 'node:net';
import { userInfo } from 'node:os';
import type { ZodMiniType } from 'zod/mini';
import { toFault } from '../../ipc/fault.ts';
import { type HandsAnswer, type HandsPolicy, handsOrder, type WallsReport } from '../../ipc/hands-protocol.ts';
import { runtimeFolders } from '../../sandbox/paths.ts';
import { hideMemory } from '../../sandbox/privileges.ts';
import { chooseOutside, proveWalls } from '../../sandbox/prove.ts';
import { restrictProcess } from '../../sandbox/restrict.ts';
import { armDeathSignal } from '../../supervisor/death-signal.ts';
import { type LimitMark, limitMark } from '../../supervisor/limit-mark.ts';
import { parentChannel, passServer } from '../../supervisor/parent.ts';
import { familyVariable, handsVariable } from '../../supervisor/process-tree.ts';
import { packageFolders } from '../../supervisor/program.ts';
import type { Prepare, Tool } from '../contracts/tool.ts';
import { commandEnvironment } from './command-environment.ts';
import { type HandsSession, handsSession, type LoadedTool, type OrderTable, type ToolTable } from './session.ts';

/**
 * The hands: a program that puts itself behind walls, proves them, and then takes orders (ipc/hands-protocol.ts).
 *
 * Each tool is loaded when it is first used. A tool that starts processes must not detach them: they end with the hands.
 */
const tools: ToolTable = {
  read_file: async () =>
    bind((await import('../contracts/read-file.ts')).readFile, await import('../files/read-file.run.ts')),
  list_files: async () =>
    bind((await import('../contracts/list-files.ts')).listFiles, await import('../files/list-files.run.ts')),
  search: async () => bind((await import('../contracts/search.ts')).search, await import('../files/search.run.ts')),
  edit_file: async () =>
    bind((await import('../contracts/edit-file.ts')).editFile, await import('../files/edit-file.run.ts')),
  apply_patch: async () =>
    bind((await import('../contracts/apply-patch.ts')).applyPatch, await import('../files/apply-patch.run.ts')),
  write_file: async () =>
    bind((await import('../contracts/write-file.ts')).writeFile, await import('../files/write-file.run.ts')),
  search_structure: async () =>
    bind(
      (await import('../contracts/search-structure.ts')).searchStructure,
      await import('../code/search-structure.run.ts'),
    ),
  rewrite_structure: async () =>
    bind(
      (await import('../contracts/rewrite-structure.ts')).rewriteStructure,
      await import('../refactor/rewrite-structure.run.ts'),
    ),
  rename_symbol: async () =>
    bind(
      (await import('../contracts/rename-symbol.ts')).renameSymbol,
      await import('../refactor/rename-symbol.run.ts'),
    ),
  move_module: async () =>
    bind((await import('../contracts/move-module.ts')).moveModule, await import('../refactor/move-module.run.ts')),
  change_import: async () =>
    bind(
      (await import('../contracts/change-import.ts')).changeImport,
      await import('../refactor/change-import.run.ts'),
    ),
  find_symbol: async () =>
    bind((await import('../contracts/find-symbol.ts')).findSymbol, await import('../code/find-symbol.run.ts')),
  find_definition: async () =>
    bind(
      (await import('../contracts/find-definition.ts')).findDefinition,
      await import('../code/find-definition.run.ts'),
    ),
  find_references: async () =>
    bind(
      (await import('../contracts/find-references.ts')).findReferences,
      await import('../code/find-references.run.ts'),
    ),
  diagnostics: async () =>
    bind((await import('../contracts/diagnostics.ts')).diagnostics, await import('../code/diagnostics.run.ts')),
};

const orders: OrderTable = {
  applyChanges: async () => (await import('./apply.run.ts')).applyChanges,
  startCommand: async () => (await import('./exec.run.ts')).startCommand,
};

/** A tool with its act: parses the arguments again, because the host may be another version. */
function bind<Arguments>(tool: Tool<Arguments>, act: { prepare: Prepare<Arguments> }): LoadedTool {
  const schema: ZodMiniType<Arguments> = tool.arguments;
  return async (raw, context) => {
    const prepared = await act.prepare(schema.parse(raw), context);
    // Hands that can only read would fail to apply these changes, so the contract must say that the tool writes.
    if (prepared.changes && tool.writes !== 'files') throw new Error(`${tool.name} writes files and does not say so`);
    return prepared;
  };
}

/**
 * Restricts this process and proves it. Nothing asynchronous may run before `restrictProcess` returns.
 * On macOS the launcher has put us behind the walls already (sandbox/seatbelt.ts).
 */
async function raiseWalls(policy: HandsPolicy): Promise<WallsReport> {
  // Not HOME, which is the private one here.
  const home = userInfo().homedir;
  const outside = chooseOutside(policy, [home]);
  const readable = [...packageFolders(), ...runtimeFolders(process.execPath, home)];
  const enforced =
    process.platform === 'darwin'
      ? { summary: 'seatbelt, no network', landlockAbi: 0, seccomp: false, network: 'no_sockets' as const, keeps: true }
      : restrictProcess(policy, readable, ownMark());
  // Read-only hands look at code: the modules that all code tools need are loaded while the worker's answer is awaited.
  if (policy.mode === 'read') preload();
  return { ...enforced, proof: await proveWalls(outside) };
}

/** The mark by which every process started here is found, even if it wipes its environment. */
function ownMark(): LimitMark | null {
  const { [familyVariable]: family, [handsVariable]: hands } = process.env;
  return family && hands ? limitMark(family, hands) : null;
}

function openDoor(): Promise<{ server: Server; port: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ server: Server; port: number }>();
  const server = createServer().once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    resolve({ server, port: typeof address === 'object' && address ? address.port : 0 });
  });
  return promise;
}

function preload(): void {
  for (const loaded of [import('../code/syntax.ts'), import('../files/source-files.ts')]) loaded.catch(() => {}); // met again by the tool
}

function main(): void {
  const channel = parentChannel<HandsAnswer>();
  const parent = Number(process.env.VTCODE_PARENT);
  if (!channel || !parent) {
    process.stderr.write('This program is started by vtcode, not by hand.\n');
    process.exit(2);
  }
  // Before the first message: hands may be started long before their policy is known.
  armDeathSignal(parent);
  // A signal that would open a debugger, and with it this process, to the commands it runs.
  process.on('SIGUSR1', () => {});
  let session: HandsSession | undefined;
  const refuse = (reason: string) => {
    channel.send({ type: 'refused', reason });
    channel.close();
  };
  const start = async (policy: HandsPolicy) => {
    const walls = await raiseWalls(policy);
    const holes = Object.entries(walls.proof).filter(([, refused]) => !refused);
    if (holes.length > 0) return refuse(`the walls do not hold: ${holes.map(([name]) => name).join(', ')}`);
    // Made inside, on the commands' own loopback, and served from outside.
    const door = policy.network.length > 0 && walls.network === 'private_loopback' ? await openDoor() : undefined;
    session = handsSession(policy, commandEnvironment(policy, process.env, door?.port), channel, tools, orders);
    // For language servers written in Go, TypeScript's too; the commands' environment is made. They collect garbage when
    // the heap is three times what lives, not twice: on hono 15 % less processor time for 7 % more memory.
    process.env.GOGC ??= '200';
    if (door) passServer({ type: 'ready', walls }, door.server);
    else channel.send({ type: 'ready', walls });
  };
  channel.onClose(async () => {
    await session?.stop();
    process.exit(0);
  });
  channel.onMessage((raw) => {
    const order = handsOrder.safeParse(raw);
    if (!order.success) return refuse(`an order could not be understood: ${order.error.message}`);
    if (session) {
      // Not earlier: until the first order no foreign code runs here, and the host checks which network we moved into.
      if (process.platform === 'linux') hideMemory();
      return session.take(order.data);
    }
    if (order.data.type !== 'start') return refuse('the first order must be start');
    start(order.data.policy).catch((error) => refuse(toFault(error).message));
  });
}

main();
