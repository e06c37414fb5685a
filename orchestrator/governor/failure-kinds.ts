import type { FailureKind } from '../../ipc/model.ts';

/**
 * How the governor treats each kind of failure, in one table.
 *
 * hope: a retry may help; one retry tells whether it does, because such a failure mostly has a cause that stays; a shorter
 * conversation may help; or neither for the same request; `ours`: we ended the call.
 * endpoint: the failure counts against the endpoint, not against the request or the key.
 */
export const failureKinds: Readonly<
  Record<FailureKind, { hope: 'passes' | 'once' | 'shorter' | 'never' | 'ours'; endpoint: boolean }>
> = {
  rate_limited: { hope: 'passes', endpoint: false },
  overloaded: { hope: 'passes', endpoint: true },
  server: { hope: 'passes', endpoint: true },
  network: { hope: 'passes', endpoint: true },
  timeout: { hope: 'passes', endpoint: true },
  malformed: { hope: 'once', endpoint: true },
  no_api: { hope: 'once', endpoint: true },
  auth: { hope: 'never', endpoint: false },
  quota: { hope: 'never', endpoint: false },
  not_found: { hope: 'never', endpoint: false },
  refused: { hope: 'never', endpoint: false },
  request: { hope: 'never', endpoint: false },
  context_overflow: { hope: 'shorter', endpoint: false },
  ended: { hope: 'ours', endpoint: false },
};
