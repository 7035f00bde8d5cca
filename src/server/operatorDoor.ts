import type { RequestListener } from 'node:http'
import type { Page } from './httpDoor.ts'
import { answer } from './reply.ts'

/** What is there for whoever operates the gateway, by path, and nothing else. */
export const operatorDoor =
  (pages: ReadonlyMap<string, Page>): RequestListener =>
  (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff')
    const page = pages.get(request.url?.split('?', 1)[0] ?? '')
    if (page !== undefined) page(request, response)
    else answer(response, 404, `{"error":"There is nothing here but ${[...pages.keys()].join(', ')}."}\n`)
  }
