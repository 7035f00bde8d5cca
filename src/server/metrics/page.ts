import type { Page } from '../httpDoor.ts'
import type { Metrics } from './metrics.ts'

/** What Prometheus reads. */
export const exposeMetrics =
  (metrics: Metrics): Page =>
  async (_request, response) => {
    const text = await metrics.exposition()
    response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(text)
  }
