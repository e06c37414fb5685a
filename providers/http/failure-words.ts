import type { FailureKind } from '../../ipc/model.ts';

/** The vendors' error texts and their meaning, collected from the vendors' documentation and servers. */

/** OpenAI, Anthropic, Gemini; vLLM, llama.cpp, Ollama, LM Studio, Mistral, Groq, xAI, Moonshot, MiniMax, OpenRouter. */
const overflow = [
  /context_length_exceeded|context_window_exceeded|exceed_context_size/,
  /prompt is too long|prompt too long|input is too long|input length .*exceeds?/,
  /exceeds? the maximum number of tokens|input token count .*exceeds/,
  /maximum (context|prompt|model|sequence) length|max(imum)? context (size|window)/,
  /exceeds? (the )?(available |model'?s? |maximum )?context( size| window| length)?/,
  /context (length|window|size)( is)? (exceeded|too|of only)|(longer|greater) than the (model'?s? )?context|reduce the length of/,
  /too many tokens|exceeded model token limit|token limit exceeded|tokens .*exceeds? .*context/,
  /token length too long|prompt exceeds max length|range of input length|tokens \+ .{0,3}max_new_tokens/,
  /"status_code":\s*1039/,
  // Too large for one minute's allowance, or in bytes: asking again never helps, a shorter conversation does.
  /request too large|request_too_large|request exceeds the maximum/,
];
const quota = [
  /insufficient_quota|insufficient[ _]balance|insufficient[ _](credits?|funds)|quota_exceeded|billing/,
  /credit balance|exceeded (your )?current quota|exceeded_current_quota|payment required|out of credits|spend(ing)? limit/,
  /arrearage|included credits|reached your (\w+ ){0,2}usage limits?|usage limit for this|creditserror|(monthly|user)limiterror/,
];
const auth = [
  /api[ _]key[ _](not valid|invalid)|invalid[ _](api|x-api)[ _-]key|incorrect api key|authentication_error|permission_denied/,
  /unauthenticated|invalid_api_key|no auth credentials|permission_error/,
];
const notFound = [
  /model_not_found|model[ _]?not[ _]?found|no such model|unknown[ _]model|invalid[ _]model/,
  /model .*(does not exist|not found|not exist|is not supported|not available)|not_found_error|not a valid model/,
];
const refused = [
  /content[ _]?filter|content_policy|content management policy|responsible ai|moderation|flagged|safety system/,
  /violat\w+ .*(usage|content) polic|invalid_prompt|prohibited_content/,
  /data_inspection_failed|inappropriate content|(unsafe or )?sensitive content/,
];
const overloaded = [/overloaded|engine_overloaded|at capacity|capacity_exceeded|resource temporarily|try again later/];
/** The model wrote a call that the vendor could not read (Groq, Ollama). */
const brokenCall = [/tool_use_failed|output_parse_failed|error parsing tool call/];
/** Errors that say 500 although no later attempt can succeed: servers on one's own machine (Ollama, llama.cpp). */
const impossible = [/requires more (system )?memory|unable to load model|jinja|chat template/];
const rateLimited = [/rate[ _]limit|too many requests|resource_exhausted/];
const badRequest = [/invalid_request|invalid_argument|bad_request|invalid parameter/];

/**
 * The kind of a failure from its status and the vendor's words in lower case. A status of null is an error in
 * mid-stream: unless its words tell more, it is a server error.
 */
export function kindOf(status: number | null, words: string): FailureKind {
  const says = (wordings: RegExp[]) => wordings.some((wording) => wording.test(words));
  if (status !== 429 || /request too large/.test(words)) if (says(overflow)) return 'context_overflow';
  if (says(brokenCall)) return 'malformed';
  if (status === 402 || (status !== null && status < 500 && isQuota(words))) return 'quota';
  if (status === 429) return says([/engine_overloaded|overloaded_error/]) ? 'overloaded' : 'rate_limited';
  // 498: Groq has no capacity left.
  if (status === 503 || status === 529 || status === 498) return 'overloaded';
  if (status === 501 || status === 505) return 'request';
  if (status === 408 || status === 409 || status === 425) return 'server';
  if (status !== null && status >= 500 && says(impossible)) return 'request';
  if (status !== null && status >= 500) return says(overloaded) ? 'overloaded' : 'server';
  if (says(refused) || status === 451) return 'refused';
  // OpenCode answers 401 for a model that it does not have.
  if (/"type":"modelerror"/.test(words)) return 'not_found';
  if (status === 401 || status === 403 || says(auth)) return 'auth';
  if (status === 404 || says(notFound)) return 'not_found';
  if (status !== null) return 'request';
  if (isQuota(words)) return 'quota';
  if (says(overloaded)) return 'overloaded';
  if (says(rateLimited)) return 'rate_limited';
  return says(badRequest) ? 'request' : 'server';
}

/** Google says "quota" for a minute's allowance too, and then adds the time to wait. */
function isQuota(words: string): boolean {
  return quota.some((wording) => wording.test(words)) && (!/retrydelay/.test(words) || /per ?day/.test(words));
}
