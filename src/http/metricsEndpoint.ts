import type { Page } from './handler.ts'
import { answer } from './respond.ts'
import type { Metrics } from '../observability/metrics/registry.ts'

/** What Prometheus reads. */
export const exposeMetrics =
  (source: Pick<Metrics, 'exposition'>, contentType: string): Page =>
  async (_request, response) => {
    try {
      const text = await source.exposition()
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text)
    } catch {
      answer(response, 503, '{"error":"What the workers have counted cannot be read at this moment."}\n')
    }
  }
