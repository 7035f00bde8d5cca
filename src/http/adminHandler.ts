import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { RouteHandler } from './handler.ts'
import { INVALID_HOST, normalizeRequestTarget } from './normalizeRequestTarget.ts'
import { sendGraphQLError, sendJson } from './respond.ts'

/** Serves the routes of the metrics port, which has no GraphQL endpoint. */
export function createAdminHandler(routes: ReadonlyMap<string, RouteHandler>): RequestListener {
  return (request, response) => {
    response.setHeader('x-request-id', randomUUID())
    response.setHeader('x-content-type-options', 'nosniff')
    const isValidTarget = normalizeRequestTarget(request)
    const handler = routes.get(request.url?.split('?', 1)[0] ?? '')
    if (!isValidTarget) sendGraphQLError(response, INVALID_HOST.code, INVALID_HOST.message)
    else if (handler !== undefined) handler(request, response)
    else sendJson(response, 404, `{"error":"Unknown path: expected ${[...routes.keys()].join(', ')}."}\n`)
  }
}
