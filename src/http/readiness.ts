import type { ServerResponse } from 'node:http'
import { answer } from './respond.ts'

/** Why requests should go elsewhere, for machines to tell apart. */
type Reason = 'draining' | 'upstream unreachable' | 'breaker open'

interface ReadinessOptions {
  readonly breakerState: () => 'closed' | 'open' | 'half-open'
  /** Whether the upstream answers. */
  readonly isReachable: () => Promise<boolean>
}

/** Whether requests should be sent here. That the process is alive is another question. */
interface Readiness {
  /** From now on: no. It does not turn back. */
  retire(): void
  /** Null where all is well. */
  reason(): Promise<Reason | null>
}

export const createReadiness = ({ breakerState, isReachable }: ReadinessOptions): Readiness => {
  let retired = false
  return {
    retire: () => {
      retired = true
    },
    reason: async () => {
      if (retired) return 'draining'
      if (breakerState() === 'open') return 'breaker open'
      const answers = await isReachable()
      // It may have come about in the meantime.
      if (retired) return 'draining'
      return answers ? null : 'upstream unreachable'
    },
  }
}

/** The page for whoever shares requests out: a load balancer, or the readiness probe of Kubernetes. */
export const answerReadiness = async (readiness: Readiness, response: ServerResponse): Promise<void> => {
  const reason = await readiness.reason()
  if (reason === null) answer(response, 200, '{"status":"ready"}\n')
  else answer(response, 503, `${JSON.stringify({ status: 'not ready', reason })}\n`)
}
