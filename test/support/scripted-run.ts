import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WireFormat } from '../../ipc/model.ts';
import type { ModelServer, Received } from './model-server.ts';
import type { TestVtcode } from './vtcode.ts';

/** Settings of a test's user: a vendor `acme` on loopback with a model `big`, asked by every role; more TOML follows. */
export function useModel(
  vtcode: TestVtcode,
  server: ModelServer,
  format: WireFormat = 'openai-chat',
  more = '',
  contextTokens = 100_000,
  model = '',
): void {
  const roles = ['planner', 'coder', 'general', 'explorer', 'reviewer'];
  writeSettings(
    vtcode,
    `${more}
[providers.acme]
base_url = "${server.baseUrl(format)}"
format = "${format}"
[providers.acme.models.big]
context_tokens = ${contextTokens}
usd_per_million = { input = 1, output = 10 }
${model}
${roles.map((role) => `[roles.${role}]\nmodels = ["acme/big"]\n`).join('')}`,
  );
}

export function writeSettings(vtcode: TestVtcode, text: string): void {
  const file = join(vtcode.environment.XDG_CONFIG_HOME ?? '', 'vtcode', 'agents.toml');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

/** Names of the tools that a request in the chat format offers. */
export function toolNames(request: Received): string[] {
  return ((request.body.tools as { function: { name: string } }[] | undefined) ?? []).map((tool) => tool.function.name);
}

export type ChatMessage = { role: string; content?: string | { text: string }[]; tool_calls?: { id: string }[] };

/** The messages of a request in the chat format. */
export function messagesOf(request: Received): ChatMessage[] {
  return request.body.messages as ChatMessage[];
}

/** All that a message says, as one text; what a tool returned without the fence around it. */
export function textOf(message: ChatMessage | undefined): string {
  const content = message?.content ?? '';
  const text = typeof content === 'string' ? content : content.map((part) => part.text).join('');
  return text.replace(/<data-([0-9a-f]{8})>\n([\s\S]*?)\n<\/data-\1>/g, '$2');
}
