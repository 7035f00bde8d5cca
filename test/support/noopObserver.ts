import type { UpstreamObserver } from '../../src/restcomm/http/upstreamObserver.ts'

export const NOOP_OBSERVER: UpstreamObserver = {
  requestEnded: () => undefined,
  retried: () => undefined,
  deduplicated: () => undefined,
  overloaded: () => undefined,
  breakerChanged: () => undefined,
  paused: () => undefined,
}
