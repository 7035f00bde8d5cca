import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { Page } from './handler.ts'
import { answer, answerError } from './respond.ts'
import { BAD_HOST, settleTarget } from './requestTarget.ts'

/** What is there for whoever operates the gateway, by path, and nothing else. */
export const operatorDoor =
  (pages: ReadonlyMap<string, Page>): RequestListener =>
  (request, response) => {
    response.setHeader('x-request-id', randomUUID())
    response.setHeader('x-content-type-options', 'nosniff')
    const isSettled = settleTarget(request)
    const page = pages.get(request.url?.split('?', 1)[0] ?? '')
    if (!isSettled) answerError(response, BAD_HOST.code, BAD_HOST.message)
    else if (page !== undefined) page(request, response)
    else answer(response, 404, `{"error":"There is nothing here but ${[...pages.keys()].join(', ')}."}\n`)
  }
