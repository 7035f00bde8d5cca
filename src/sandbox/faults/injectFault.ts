import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Reply } from '../http/response.ts'
import { jsonText } from '../http/response.ts'
import { below } from '../random.ts'
import type { Fault, FaultKind } from './faults.ts'
import { inflated, withWrongType } from './corruptBody.ts'

const STATUSES: Partial<Record<FaultKind, number>> = {
  error500: 500,
  error502: 502,
  error503: 503,
  error504: 504,
  tooManyRequests: 429,
  redirect: 302,
}

/** Where a redirect leads: nobody who has credentials should go there with them. */
const ELSEWHERE = '/elsewhere'

/** What a proxy says in the place of a server that does not answer. */
const page = (title: string): string =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><hr>proxy</body></html>\n`

/** Whether the fault strikes instead of the answer, so that it does not matter what that would have been. */
export const isInstead = ({ kind }: Fault): boolean => kind === 'reset' || kind === 'halfOpen' || kind in STATUSES

/** The answer as the fault leaves it, where it is still one that is written like any other. */
export const spoiled = (reply: Reply, fault: Fault): Reply => {
  const status = STATUSES[fault.kind]
  if (status !== undefined) {
    const headers = {
      ...((status === 503 || status === 429) && { 'Retry-After': '1' }),
      ...(status === 302 && { Location: ELSEWHERE }),
    }
    return { status, text: page(`${status}`), contentType: 'text/html', headers }
  }
  if (reply.json === undefined) return reply
  const { json, escapesHtml } = reply
  switch (fault.kind) {
    case 'html':
      return { status: 200, text: page('Down for maintenance'), contentType: 'text/html' }
    case 'contentType':
      return { status: reply.status, text: jsonText(json, escapesHtml), contentType: 'text/plain' }
    case 'cutJson': {
      const text = jsonText(json, escapesHtml)
      // At least the last bracket is missing.
      const kept = text.slice(0, 1 + below(fault.random, text.length - 1))
      return { status: reply.status, text: kept, contentType: 'application/json' }
    }
    case 'wrongTypes':
      return { ...reply, json: withWrongType(json, fault.random) }
    case 'huge':
      return { ...reply, json: inflated(json, fault.hugeBytes) }
    default:
      return reply
  }
}

/** Sends a body in a way that does not come to an end as it should. False where the fault is none of how it is sent. */
export const misbehave = (response: ServerResponse, body: Buffer, fault: Fault): boolean => {
  switch (fault.kind) {
    case 'cutOff':
      response.write(part(body, fault), () => response.socket?.resetAndDestroy())
      return true
    case 'stall':
      response.write(part(body, fault))
      return true
    case 'trickle':
      void trickle(response, body, fault.trickleMs)
      return true
    default:
      return false
  }
}

/** All but the last byte at most. */
const part = (body: Buffer, fault: Fault): Buffer => body.subarray(0, below(fault.random, body.length))

const trickle = async (response: ServerResponse, body: Buffer, everyMs: number): Promise<void> => {
  for (let i = 0; i < body.length && !response.destroyed; i++) {
    response.write(body.subarray(i, i + 1))
    await delay(everyMs, undefined, { ref: false })
  }
  if (!response.destroyed) response.end()
}
