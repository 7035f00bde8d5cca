import type { ServerResponse } from 'node:http'
import { sendJson } from './respond.ts'

/** Reasons in the response of `/ready`. The values are part of the public interface. */
type NotReadyReason = 'draining' | 'upstream_unreachable' | 'breaker_open'

interface ReadinessOptions {
  readonly breakerState: () => 'closed' | 'open' | 'half-open'
  readonly isReachable: () => Promise<boolean>
}

interface Readiness {
  /** Makes the gateway permanently not ready. */
  startDraining(): void
  notReadyReason(): Promise<NotReadyReason | null>
}

export function createReadiness({ breakerState, isReachable }: ReadinessOptions): Readiness {
  let isDraining = false
  return {
    startDraining: () => {
      isDraining = true
    },
    notReadyReason: async () => {
      if (isDraining) return 'draining'
      if (breakerState() === 'open') return 'breaker_open'
      const isUpstreamReachable = await isReachable()
      // Draining may have started during the check.
      if (isDraining) return 'draining'
      return isUpstreamReachable ? null : 'upstream_unreachable'
    },
  }
}

export async function respondReadiness(readiness: Readiness, response: ServerResponse): Promise<void> {
  const reason = await readiness.notReadyReason()
  if (reason === null) sendJson(response, 200, '{"status":"ready"}\n')
  else sendJson(response, 503, `${JSON.stringify({ status: 'not ready', reason })}\n`)
}
