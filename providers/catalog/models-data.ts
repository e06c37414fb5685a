/**
 * Facts on models, as of 2026-11-20. The table is kept by hand: `[providers.<vendor>.models]` of the user's
 * configuration corrects it, and a model that is not here can be used all the same.
 *
 * A line is: the vendor's own name · context window in tokens · most output in tokens · r reasons, i sees images ·
 * US dollars per million tokens of input, output, cache read, cache write. `-` or nothing: not known.
 *
 * Sources. Windows and abilities: the models.json of the Rust VT Code (August 2026). What is newer than that, and the
 * list prices beside a vendor's name: the vendor's own page that is named there. Prices of routers: that models.json.
 * Where a price has steps by time of day or ends with an introductory offer the highest stands here, so that a budget
 * holds. Steps by the length of the prompt are left out, except for claude-haiku-5-5: beyond 272,000 tokens OpenAI,
 * beyond 200,000 Gemini Pro and Grok cost up to twice as much.
 */
export const modelTable: Readonly<Record<string, string>> = {
  // platform.claude.com/docs/en/about-claude/pricing; cache writes for five minutes
  anthropic: `
claude-sonnet-5-5 1000000 128000 ri 2 10 0.2 2.5
claude-opus-5-5 1000000 128000 ri 4 20 0.2 5
claude-fable-5-2 1000000 128000 ri 8 40
claude-fable-5-1 1000000 128000 ri 10 50 0.25 12.5
claude-haiku-5-5 1000000 128000 ri 0.5 2.5 0.05 0.625
claude-opus-5 1000000 128000 ri 5 25 0.5 6.25
claude-sonnet-5 1000000 128000 ri 2 10 0.2 2.5
claude-fable-5 1000000 128000 ri 10 50 1 12.5
claude-mythos-5 1000000 128000 ri 10 50 1 12.5
claude-opus-4-8 1000000 128000 ri 5 25 0.5 6.25
claude-sonnet-4-6 1000000 64000 ri 3 15 0.3 3.75
claude-haiku-4-5 200000 64000 ri 1 5 0.1 1.25
`,
  // developers.openai.com/api/docs/pricing and /models
  openai: `
gpt-6.2-sol 1050000 128000 ri 2 10 2 2.5
gpt-6.1-sol 1050000 128000 ri 2 10 0.1 2.5
gpt-6.1-terra 1050000 128000 ri 1 5 0.05 1.25
gpt-6-astra 1050000 128000 ri 10 50 1 12.5
gpt-6-sol 1050000 128000 ri 2 10 0.2 2.5
gpt-6-luna 1050000 128000 ri 0.1 0.5 0.01 0.125
gpt-5.6-sol 1050000 128000 ri 5 30 0.5 6.25
gpt-5.6-terra 1050000 128000 ri 2 12 0.2 2.5
gpt-5.6-luna 1050000 128000 ri 0.2 1.2 0.02 0.25
gpt-5.5 1050000 128000 ri 5 30 0.5
gpt-5.4 1050000 128000 ri 2.5 15 0.25
gpt-5.4-pro 1050000 128000 ri 30 180
gpt-5.4-mini 200000 - r 0.75 4.5 0.075
gpt-5.4-nano 100000 - r 0.2 1.25 0.02
gpt-5.3-codex 400000 128000 ri
gpt-5.2 400000 128000 r
gpt-5.1 400000 128000 r
gpt-5.1-mini 200000 - r
gpt-oss-120b 131072 - r
gpt-oss-20b 131072 - r
`,
  // ai.google.dev/gemini-api/docs/pricing; Flash: the price from 2027 on, half of it until then
  gemini: `
gemini-3.8-flash 1048576 65536 ri 1.5 7.5 0.15
gemini-3.7-flash 1048576 65536 ri 1.5 7.5 0.15
gemini-3.6-flash 1048576 65536 ri 1.5 7.5 0.15
gemini-3.5-flash 1048576 65536 ri
gemini-3.1-pro-preview 1048576 65536 ri 2 12
gemini-3.1-pro-preview-customtools 1048576 65536 ri 2 12
gemini-3.1-flash-lite-preview 1048576 65536 ri
gemini-3-flash-preview 1048576 65536 ri
`,
  // api-docs.deepseek.com/quick_start/pricing; at peak hours, half of it at others
  deepseek: `
deepseek-v4-pro 1000000 384000 r 1.32 3.96 0.044
deepseek-flash 1000000 384000 ri 0.3 1.2 0.006
deepseek-v4-flash 1000000 384000 ri 0.3 1.2 0.006
deepseek-v4-flash-vision-exp 1000000 384000 ri 0.3 1.2 0.006
`,
  openrouter: `
meta/muse-glimmer-30b 131072 - ri 0.35 1.5 0.04
meta/muse-spark-1.2 1048576 - ri 1.25 4.25 0.15
stepfun/step-3.5-flash:free 256000 - r
anthropic/claude-haiku-4.5 200000 - r
anthropic/claude-sonnet-4.6 1000000 128000 ri 3 15
anthropic/claude-sonnet-5 1000000 128000 ri 3 15
deepseek/deepseek-v4-flash 1000000 384000 r
deepseek/deepseek-v4-pro 1000000 384000 r
deepseek/deepseek-r1 163840 163840 r 0.4 2
google/gemini-3.1-pro-preview 1048576 - ri
google/gemini-3.5-flash-lite 1048576 - ri
google/gemini-3.6-flash 1048576 - ri
google/gemini-3.7-flash 1048576 - ri
openai/gpt-5 400000 128000 i 1.25 10
openai/gpt-5.5 1050000 - ri
openai/gpt-oss-120b 131072 131072 r 0.04 0.4
openai/gpt-oss-120b:free 131072 131072 r 0 0
openai/gpt-oss-20b 131072 - r 0.03 0.14
mistralai/mistral-large-2512 128000 8192 - 2 6
nex-agi/deepseek-v3.1-nex-n1 163840 163840 r 0.2 0.8
moonshotai/kimi-k3 1048576 131072 ri 3 15 0.3
moonshotai/kimi-k2.6 262144 8192 ri 0.95 4
moonshotai/kimi-k2.7-code 262144 32768 ri 0.95 4
tencent/hy3-preview 262144 - r 0.063 0.21
x-ai/grok-build-0.1 256000 - i 1 2
x-ai/grok-4.6 500000 - ri 2 6
xiaomi/mimo-v2.5-pro 1000000 - r 0.435 0.87
xiaomi/mimo-v2.5 1000000 131072 ri 0.14 0.28
z-ai/glm-5.1 200000 128000 r
z-ai/glm-5.2 1000000 128000 r
poolside/laguna-xs.2:free 262144 - r 0 0
poolside/laguna-m.1:free 262144 - r 0 0
poolside/laguna-s-2.1:free 262144 - r 0 0
qwen/qwen3.8-27b 262144 131072 ri 0.45 3.2
`,
  zai: `
glm-5.3 1000000 128000 r
glm-5.2 1000000 128000 r
glm-5.1 200000 128000 r
`,
  moonshot: `
kimi-k3 1048576 131072 ri
kimi-k2.7-code 262144 32768 ri
kimi-k2.6 262144 8192 ri
`,
  minimax: `
MiniMax-M3 1000000 - ri
MiniMax-M2.5 204800 - r
`,
  mistral: `
mistral-large-2512 128000 8192 -
`,
  // docs.x.ai/developers/models
  xai: `
grok-4.6 500000 - ri 2 6 0.5
grok-4.5 500000 - ri 2 6 0.5
grok-4.3 1000000 - i 1.25 2.5
grok-4.20-0309-reasoning 1000000 - ri 1.25 2.5
grok-4.20-0309-non-reasoning 1000000 - i 1.25 2.5
grok-4.20-multi-agent-0309 1000000 - ri 1.25 2.5
grok-build-0.1 256000 - - 1 2
`,
  groq: `
openai/gpt-oss-120b 131072 - r
openai/gpt-oss-20b 131072 - r
`,
  together: `
openai/gpt-oss-120b 131072 - r
openai/gpt-oss-20b 131072 - r
`,
  fireworks: `
accounts/fireworks/models/gpt-oss-120b 131072 - r
accounts/fireworks/models/gpt-oss-20b 131072 - r
`,
  huggingface: `
google/gemma-2-2b-it 8192 - -
Qwen/Qwen3-Coder-480B-A35B-Instruct 131072 - r
openai/gpt-oss-120b 131072 - r
zai-org/GLM-5.1:zai-org 200000 - r
zai-org/GLM-5.2:novita 1000000 128000 r
Qwen/Qwen3-4B-Thinking-2507 32768 - r
Qwen/Qwen2.5-7B-Instruct-1M 1048576 - r
Qwen/Qwen2.5-Coder-32B-Instruct 131072 - r
deepseek-ai/DeepSeek-R1 131072 - r
deepseek-ai/DeepSeek-V3.2 131072 - r
openai/gpt-oss-20b 131072 - r
zai-org/GLM-5-Flash:novita 200000 - r
stepfun-ai/Step-3.5-Flash:featherless-ai 256000 - r
deepseek-ai/DeepSeek-V4-Flash:novita 1048576 - r
deepseek-ai/DeepSeek-V4-Pro:together 1048576 - r
zai-org/GLM-5.1:deepinfra 200000 - r
MiniMaxAI/MiniMax-M2.7:novita 204800 - r
MiniMaxAI/MiniMax-M3:novita 1000000 - ri
deepseek-ai/DeepSeek-V4-Pro:novita 1048576 - r
moonshotai/Kimi-K3:together 1000000 - ri
`,
  nvidia: `
nvidia/nemotron-3-ultra-550b-a55b 1000000 - r
nvidia/nemotron-3-super-120b-a12b 1000000 - r
nvidia/nemotron-3-nano-30b-a3b 1000000 - r
z-ai/glm-5.2 1000000 - r
deepseek-ai/deepseek-v4-flash-0731 1000000 - r
`,
  qwen: `
qwen3.7-max 131072 8192 r
qwen3.6-flash 1048576 8192 r
qwen3.6-plus 131072 8192 r
deepseek-v4-flash 1048576 65536 r
deepseek-v4-pro 1048576 65536 r
glm-5.1 131072 8192 r
`,
  stepfun: `
step-3.7-flash 262144 - ri
`,
  meta: `
muse-spark-1.1 1048576 - ri
muse-spark-1.2 1048576 - ri
muse-spark-1.2-contributor 1048576 - ri
`,
  mimo: `
mimo-v2.5-pro 1048576 131072 r
mimo-v2.5 1048576 131072 ri
`,
  poolside: `
laguna-s-2.1 1048576 - r
laguna-m.1 131072 - r
laguna-xs.2 131072 - r
`,
  'opencode-zen': `
gpt-5.4 1050000 - ri 2.5 15 0.25
gpt-5.4-mini 200000 - - 0.75 4.5 0.075
claude-sonnet-4-6 1000000 128000 ri 3 15 0.3 3.75
glm-5.1 200000 128000 r 1.4 4.4 0.26
`,
  'opencode-go': `
glm-5.2 200000 128000 r
glm-5.1 200000 128000 r
kimi-k2.7-code 256000 - r
kimi-k2.6 256000 - r
mimo-v2.5 1048576 - r
mimo-v2.5-pro 1048576 - r
minimax-m3 1048576 - r
minimax-m2.7 204800 - r
qwen3.7-max 256000 - r
qwen3.7-plus 256000 - r
qwen3.6-plus 256000 - r
deepseek-v4-pro 128000 - r
deepseek-v4-flash 128000 - r
grok-4.5 500000 - ri
glm-5.3 200000 128000 r
gpt-5.6-luna 400000 - ri
kimi-k3 1048576 - ri
muse-spark-1.2-contributor 1048576 - ri
qwen3.8-max 256000 - ri
hy3 1048576 - r
`,
  evolink: `
gpt-5.2 400000 - i
gpt-5.5 400000 - i
deepseek-v4-pro 163840 - r
deepseek-v4-flash 1000000 - r
doubao-seed-2.0-pro 262144 - ri
gemini-3.1-pro-preview 1000000 - i
gemini-3.5-flash 1000000 - i
MiniMax-M3 1000000 - i
claude-sonnet-4-6 200000 - i
claude-opus-5 200000 - i
claude-opus-4-8 200000 - i
claude-haiku-4-5-20251001 200000 - i
`,
  'merge-gateway': `
default_routing 128000 - -
openai/gpt-5.5 1100000 128000 r
anthropic/claude-opus-5 1000000 128000 ri
google/gemini-3.6-flash 1000000 66000 ri
google/gemini-3.7-flash 1000000 66000 ri
deepseek/deepseek-v4-pro-0813 1000000 384000 r
deepseek/deepseek-v4-flash-0731 1000000 384000 r
xai/grok-4.6 500000 500000 r
qwen/qwen3.8-max 1000000 131000 ri
minimax/minimax-h3 131000 33000 r
moonshot/kimi-k3 1000000 1000000 ri
thinkingmachines/inkling 1000000 32000 r
meta/muse-spark-1.1 1000000 262000 ri
openai/gpt-5.6-luna 1100000 128000 ri
openai/gpt-5.6-sol 1100000 128000 ri
openai/gpt-5.6-terra 1100000 128000 ri
`,
  'ollama-cloud': `
gpt-oss:120b 131072 - r
gpt-oss:20b 131072 - r
qwen3-coder:480b 131072 - r
deepseek-v3.1:671b 131072 - r
glm-5.2 1000000 128000 r
kimi-k3 1000000 - r
`,
  ollama: `
gpt-oss:20b 131072 - r
gpt-oss:20b-cloud 131072 - r
gpt-oss:120b-cloud 131072 - r
qwen3:1.7b 32768 - r
qwen3-coder-next:cloud 262144 - -
deepseek-v3.1:671b-cloud 131072 - r
deepseek-v4-flash:cloud 1000000 - r
deepseek-v4-pro:cloud 131072 - r
qwen3-coder:480b-cloud 131072 - r
minimax-m2:cloud 131072 - r
glm-5.1:cloud 200000 - r
glm-5.2:cloud 1000000 128000 r
minimax-m2.7:cloud 204800 - r
minimax-m3:cloud 131072 - r
gemini-3-flash-preview:cloud 1000000 - r
laguna-xs.2 131072 - r
nemotron-3-ultra:cloud 262144 - r
kimi-k2.7-code:cloud 262144 - r
kimi-k3:cloud 1000000 - r
gemma4 131072 - -
`,
  lmstudio: `
lmstudio-community/DeepSeek-R1-0528-Qwen3-8B 131072 - r
lmstudio-community/Qwen3-8B 131072 - r
lmstudio-community/openai-gpt-oss-20b 131072 - r
lmstudio-community/meta-llama-3.1-8b-instruct 131072 - -
lmstudio-community/qwen2.5-7b-instruct 32768 - -
lmstudio-community/gemma-3-12b-it 32768 - -
`,
  llamacpp: `
qwen3.6-27b 262144 32768 r
qwen3.6-35b-a3b 262144 32768 r
gemma-4-26b-a4b 262144 32768 r
gemma-4-e4b 131072 16384 r
gpt-oss-20b 131072 32768 r
step-3.5-flash 262144 32768 r
`,
};
