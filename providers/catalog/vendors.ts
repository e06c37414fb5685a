import type { Quirks, WireFormat } from '../../ipc/model.ts';

/**
 * The vendors that vtcode knows: where each is asked, in which format, and which variable holds its key. Facts only,
 * from the vendors' documentation as of November 2026; `[providers.<id>]` of the user's configuration changes any of
 * them, and adds vendors that are not here.
 */
export type Vendor = {
  /** For people. */
  name: string;
  format: WireFormat;
  /**
   * As the format's SDK wants it: up to and including `/v1` for the OpenAI formats, without a version for Anthropic
   * and Gemini. Null: every customer has a URL of their own.
   */
  baseUrl: string | null;
  /** Where the key is looked for; the first that is set counts. */
  keyVariables: string[];
  /** The variable that leads elsewhere, as the vendor's own tools read it. */
  baseUrlVariable: string;
  /** Appended to a base URL from a variable or a file that has no path. */
  basePath?: string;
  /** Runs on the user's own machine. Its default context window is what the server was started with. */
  local?: true;
  keyOptional?: true;
  /** The model for `auto` and for a reference without a model; null: no such model. */
  defaultModel: string | null;
  quirks: Quirks;
  /** Other names of this vendor: not accepted, but used to suggest the right one. */
  otherNames?: string[];
  /** Its list of models needs no key, so an answer does not test the key; or the path whose answer does. */
  openList?: true | string;
};

const chat: Quirks = { outputTokensField: 'max_tokens' };
const thinks: Quirks = { ...chat, thinkingField: 'reasoning_content' };

/** By id, in the order in which `auto` looks for their keys. */
export const vendors: Readonly<Record<string, Vendor>> = {
  anthropic: {
    name: 'Anthropic',
    format: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    keyVariables: ['ANTHROPIC_API_KEY'],
    baseUrlVariable: 'ANTHROPIC_BASE_URL',
    defaultModel: 'claude-sonnet-5-5',
    quirks: { imagesMax: 100, imagesMbMax: 30, webSearchUsd: 0.01 },
    otherNames: ['claude'],
  },
  openai: {
    name: 'OpenAI',
    // Its chat completions take tools only without reasoning (developers.openai.com/api/docs/models/gpt-6-sol).
    format: 'openai-responses',
    baseUrl: 'https://api.openai.com/v1',
    keyVariables: ['OPENAI_API_KEY'],
    baseUrlVariable: 'OPENAI_BASE_URL',
    defaultModel: 'gpt-6.1-sol',
    quirks: {
      outputTokensField: 'max_completion_tokens',
      reasoningEffort: true,
      promptCacheKey: true,
      imagesMax: 500,
      imagesMbMax: 50,
      webSearchUsd: 0.01,
    },
    otherNames: ['gpt', 'chatgpt', 'codex'],
  },
  gemini: {
    name: 'Google Gemini',
    format: 'gemini',
    baseUrl: 'https://generativelanguage.googleapis.com',
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseUrlVariable: 'GOOGLE_GEMINI_BASE_URL',
    defaultModel: 'gemini-3.7-flash',
    quirks: { imagesMax: 1_000, imagesMbMax: 19, webSearchUsd: 0.014 },
    otherNames: ['google'],
  },
  deepseek: chatVendor('DEEPSEEK', 'DeepSeek', 'https://api.deepseek.com/v1', 'deepseek-v4-pro', {
    quirks: { ...thinks, reasoningEffort: true },
  }),
  openrouter: chatVendor('OPENROUTER', 'OpenRouter', 'https://openrouter.ai/api/v1', 'xiaomi/mimo-v2.5-pro', {
    quirks: { ...chat, thinkingField: 'reasoning_details', reasoningEffort: true },
    openList: '/key',
  }),
  zai: chatVendor('ZAI', 'Z.AI', 'https://api.z.ai/api/paas/v4', 'glm-5.3', {
    quirks: { ...thinks, reasoningEffort: true },
    otherNames: ['z-ai', 'glm', 'zhipu', 'zhipuai'],
  }),
  // Keys of the Chinese platform work at https://api.moonshot.cn/v1 only.
  moonshot: chatVendor('MOONSHOT', 'Moonshot AI', 'https://api.moonshot.ai/v1', 'kimi-k3', {
    quirks: { ...thinks, promptCacheKey: true },
    otherNames: ['moonshotai', 'kimi'],
  }),
  minimax: {
    name: 'MiniMax',
    format: 'anthropic',
    // Keys of the Chinese platform work at https://api.minimaxi.com/anthropic only.
    baseUrl: 'https://api.minimax.io/anthropic',
    keyVariables: ['MINIMAX_API_KEY'],
    baseUrlVariable: 'MINIMAX_BASE_URL',
    defaultModel: 'MiniMax-M3',
    quirks: {},
  },
  mistral: chatVendor('MISTRAL', 'Mistral', 'https://api.mistral.ai/v1', 'mistral-large-2512', {
    quirks: { ...chat, nineCharacterIds: true, imagesMax: 8 },
    otherNames: ['mistralai'],
  }),
  xai: chatVendor('XAI', 'xAI', 'https://api.x.ai/v1', 'grok-4.6', {
    quirks: { ...thinks, outputTokensField: 'max_completion_tokens', reasoningEffort: true },
    otherNames: ['x-ai', 'grok'],
  }),
  groq: chatVendor('GROQ', 'Groq', 'https://api.groq.com/openai/v1', 'openai/gpt-oss-120b', {
    quirks: {
      outputTokensField: 'max_completion_tokens',
      thinkingField: 'reasoning',
      reasoningEffort: true,
      imagesMax: 5,
      imagesMbMax: 4,
    },
  }),
  together: chatVendor('TOGETHER', 'Together AI', 'https://api.together.xyz/v1', 'openai/gpt-oss-120b', {
    quirks: { ...chat, thinkingField: 'reasoning' },
    otherNames: ['togetherai', 'together-ai'],
  }),
  fireworks: chatVendor(
    'FIREWORKS',
    'Fireworks AI',
    'https://api.fireworks.ai/inference/v1',
    'accounts/fireworks/models/gpt-oss-120b',
    { quirks: { ...thinks, imagesMax: 30, imagesMbMax: 10 }, otherNames: ['fireworks-ai', 'fireworksai'] },
  ),
  huggingface: chatVendor('HUGGINGFACE', 'Hugging Face', 'https://router.huggingface.co/v1', 'openai/gpt-oss-120b', {
    keyVariables: ['HF_TOKEN'],
    otherNames: ['hf', 'hugging-face'],
    openList: true,
  }),
  nvidia: chatVendor('NVIDIA', 'NVIDIA', 'https://integrate.api.nvidia.com/v1', 'nvidia/nemotron-3-ultra-550b-a55b', {
    quirks: thinks,
    otherNames: ['nim'],
    openList: true,
  }),
  // Keys of the Chinese platform work at https://dashscope.aliyuncs.com/compatible-mode/v1 only.
  qwen: chatVendor('QWEN', 'Alibaba Qwen', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1', 'qwen3.6-plus', {
    keyVariables: ['QWEN_API_KEY', 'DASHSCOPE_API_KEY'],
    quirks: { ...thinks, quotaPasses: true },
    otherNames: ['alibaba', 'dashscope'],
  }),
  stepfun: chatVendor('STEPFUN', 'StepFun', 'https://api.stepfun.ai/v1', 'step-3.7-flash', {
    keyVariables: ['STEPFUN_API_KEY', 'STEP_API_KEY'],
    quirks: { ...chat, thinkingField: 'reasoning' },
    otherNames: ['stepfun-ai'],
  }),
  meta: chatVendor('META', 'Meta', 'https://api.meta.ai/v1', 'muse-spark-1.2', {
    keyVariables: ['META_API_KEY', 'MODEL_API_KEY'],
  }),
  mimo: chatVendor('MIMO', 'Xiaomi MiMo', 'https://api.xiaomimimo.com/v1', 'mimo-v2.5-pro', {
    keyVariables: ['MIMO_API_KEY', 'MIMO_TOKEN_PLAN_KEY'],
    quirks: { ...thinks, outputTokensField: 'max_completion_tokens' },
    otherNames: ['xiaomi'],
  }),
  poolside: chatVendor('POOLSIDE', 'Poolside', 'https://api.poolsi.de/openai/v1', 'laguna-s-2.1', {}),
  // Its models are asked in several formats; this one has the most. Another: `format` in [providers.opencode-zen].
  'opencode-zen': chatVendor('OPENCODE_ZEN', 'OpenCode Zen', 'https://opencode.ai/zen/v1', 'glm-5.1', {
    keyVariables: ['OPENCODE_ZEN_API_KEY', 'OPENCODE_API_KEY'],
    quirks: { ...thinks, sessionHeader: 'x-opencode-session' },
    otherNames: ['opencode', 'zen'],
    openList: true,
  }),
  'opencode-go': chatVendor('OPENCODE_GO', 'OpenCode Go', 'https://opencode.ai/zen/go/v1', 'glm-5.1', {
    quirks: { ...thinks, sessionHeader: 'x-opencode-session' },
    openList: true,
  }),
  evolink: chatVendor('EVOLINK', 'Evolink', 'https://direct.evolink.ai/v1', 'gpt-5.2', {}),
  // Its /responses streams in a form of its own; its chat completions are OpenAI's (docs.merge.dev/merge-gateway/streaming).
  'merge-gateway': chatVendor('MERGE_GATEWAY', 'Merge Gateway', 'https://api-gateway.merge.dev/v1', 'default_routing', {
    otherNames: ['merge'],
  }),
  openresponses: chatVendor('OPENRESPONSES', 'Open Responses', 'https://api.openresponses.com/v1', null, {
    format: 'openai-responses',
  }),
  azure: {
    name: 'Azure OpenAI',
    format: 'openai-responses',
    baseUrl: null,
    keyVariables: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
    baseUrlVariable: 'AZURE_OPENAI_ENDPOINT',
    // This version of the API needs no api-version; an older one is named by quirks.query in [providers.azure].
    basePath: '/openai/v1',
    defaultModel: null,
    quirks: {
      outputTokensField: 'max_completion_tokens',
      reasoningEffort: true,
      promptCacheKey: true,
      keyHeader: 'api-key',
    },
    otherNames: ['azure-openai', 'azureopenai'],
  },
  'ollama-cloud': chatVendor('OLLAMA_CLOUD', 'Ollama Cloud', 'https://ollama.com/v1', 'gpt-oss:120b', {
    keyVariables: ['OLLAMA_API_KEY'],
    quirks: { ...chat, thinkingField: 'reasoning', reasoningEffort: true },
    openList: true,
  }),
  ollama: localServer('OLLAMA', 'Ollama', 11434, {
    baseUrlVariable: 'OLLAMA_HOST',
    quirks: { ...chat, thinkingField: 'reasoning', reasoningEffort: true },
  }),
  lmstudio: localServer('LMSTUDIO', 'LM Studio', 1234, { otherNames: ['lm-studio'] }),
  llamacpp: localServer('LLAMACPP', 'llama.cpp', 8080, {
    otherNames: ['llama.cpp', 'llama-cpp', 'llama-server', 'llama'],
  }),
};

/** A vendor that speaks chat completions, with variables named as nearly all name them. */
function chatVendor(
  prefix: string,
  name: string,
  baseUrl: string,
  defaultModel: string | null,
  more: Partial<Vendor>,
): Vendor {
  return {
    name,
    format: 'openai-chat',
    baseUrl,
    keyVariables: [`${prefix}_API_KEY`],
    baseUrlVariable: `${prefix}_BASE_URL`,
    defaultModel,
    quirks: chat,
    ...more,
  };
}

function localServer(prefix: string, name: string, port: number, more: Partial<Vendor>): Vendor {
  const local = { basePath: '/v1', local: true, keyOptional: true, quirks: thinks } as const;
  return chatVendor(prefix, name, `http://localhost:${port}/v1`, null, { ...local, ...more });
}
