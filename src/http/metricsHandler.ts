import type { MetricsRegistry } from '../observability/metrics/registry.ts'
import type { RouteHandler } from './handler.ts'
import { sendJson } from './respond.ts'

/** Serves the metrics in the text format of Prometheus. */
export function createMetricsHandler(source: Pick<MetricsRegistry, 'exposition'>, contentType: string): RouteHandler {
  return async (_request, response) => {
    try {
      const text = await source.exposition()
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text)
    } catch {
      sendJson(response, 503, '{"error":"The metrics of the workers are not available: retry in a few seconds."}\n')
    }
  }
}
