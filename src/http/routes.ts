import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { MetricsRegistry } from '../observability/metrics/registry.ts'
import type { RestcommError } from '../restcomm/errors.ts'
import { normalizeRequestTarget } from './hostAndOrigin.ts'
import { sendError, sendJson } from './respond.ts'

/** Reasons in the response of `/ready`. The values are part of the public interface. */
type NotReadyReason = 'draining' | 'upstream_unreachable' | 'breaker_open' | 'file_descriptors_exhausted'

export const respondAlive: RequestListener = (_request, response) => {
  sendJson(response, 200, '{"status":"alive"}\n')
}

/** Serves `/ready`. After `startDraining`, the gateway is permanently not ready. */
export function createReadiness(
  http: { readonly stats: { readonly breaker: 'closed' | 'open' } },
  probe: { check(): Promise<RestcommError | null> },
) {
  let isDraining = false
  const notReadyReason = async (): Promise<NotReadyReason | null> => {
    if (isDraining) return 'draining'
    if (http.stats.breaker === 'open') return 'breaker_open'
    const error = await probe.check()
    // Draining may have started during the check.
    if (isDraining) return 'draining'
    if (error === null) return null
    return error.failure === 'overloaded' ? 'file_descriptors_exhausted' : 'upstream_unreachable'
  }
  const handle: RequestListener = async (_request, response) => {
    const reason = await notReadyReason()
    if (reason === null) sendJson(response, 200, '{"status":"ready"}\n')
    else sendJson(response, 503, `${JSON.stringify({ status: 'not ready', reason })}\n`)
  }
  return {
    handle,
    startDraining: () => {
      isDraining = true
    },
  }
}

/** Serves the metrics in the text format of Prometheus. */
export function createMetricsHandler(
  source: Pick<MetricsRegistry, 'exposition'>,
  contentType: string,
): RequestListener {
  return async (_request, response) => {
    try {
      const text = await source.exposition()
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text)
    } catch {
      sendJson(response, 503, '{"error":"The metrics of the workers are not available: retry in a few seconds."}\n')
    }
  }
}

/** Serves the routes of the metrics port, which has no GraphQL endpoint. */
export function createAdminHandler(routes: ReadonlyMap<string, RequestListener>): RequestListener {
  return (request, response) => {
    response.setHeader('x-request-id', randomUUID())
    response.setHeader('x-content-type-options', 'nosniff')
    const error = normalizeRequestTarget(request)
    const handler = routes.get(request.url?.split('?', 1)[0] ?? '')
    if (error !== null) sendError(response, error)
    else if (handler !== undefined) handler(request, response)
    else sendJson(response, 404, `{"error":"Unknown path: expected ${[...routes.keys()].join(', ')}."}\n`)
  }
}
