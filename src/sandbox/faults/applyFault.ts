import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { SandboxResponse } from '../http/response.ts'
import { jsonText } from '../http/response.ts'
import { randomInteger } from '../random.ts'
import type { Fault, FaultKind } from './faultInjector.ts'
import { changeOneType, inflateJson } from './mutateJson.ts'

const STATUSES: Partial<Record<FaultKind, number>> = {
  error500: 500,
  error502: 502,
  error503: 503,
  error504: 504,
  tooManyRequests: 429,
  redirect: 302,
}

/** Clients must not follow the redirect, because the target would receive the credentials. */
const REDIRECT_TARGET = '/elsewhere'

/** The error page of a proxy in front of an unreachable server. */
function proxyPage(title: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><hr>proxy</body></html>\n`
}

/** Whether the fault suppresses the endpoint's response or sends a response with a different status. */
export function replacesResponse({ kind }: Fault): boolean {
  return kind === 'reset' || kind === 'halfOpen' || kind in STATUSES
}

/** Applies faults of the status, the content type or the JSON. All other faults leave the response unchanged. */
export function corruptResponse(response: SandboxResponse, fault: Fault): SandboxResponse {
  const status = STATUSES[fault.kind]
  if (status !== undefined) {
    const headers = status === 302 ? { Location: REDIRECT_TARGET } : {}
    return { status, text: proxyPage(`${status}`), contentType: 'text/html', headers }
  }
  if (response.json === undefined) return response
  const { json, escapesHtml } = response
  switch (fault.kind) {
    case 'html':
      return { status: 200, text: proxyPage('Down for maintenance'), contentType: 'text/html' }
    case 'contentType':
      return { status: response.status, text: jsonText(json, escapesHtml), contentType: 'text/plain' }
    case 'cutJson': {
      const text = jsonText(json, escapesHtml)
      // Removes at least the last character and keeps at least the first character.
      const truncated = text.slice(0, 1 + randomInteger(fault.random, text.length - 1))
      return { status: response.status, text: truncated, contentType: 'application/json' }
    }
    case 'wrongTypes':
      return { ...response, json: changeOneType(json, fault.random) }
    case 'huge':
      return { ...response, json: inflateJson(json, fault.hugeBytes) }
    default:
      return response
  }
}

/** Sends the body if the fault changes the transmission. Returns false if nothing was sent. */
export function sendFaultyBody(response: ServerResponse, body: Buffer, fault: Fault): boolean {
  switch (fault.kind) {
    case 'cutOff':
      response.write(truncate(body, fault), () => response.socket?.resetAndDestroy())
      return true
    case 'stall':
      response.write(truncate(body, fault))
      return true
    case 'trickle':
      void sendSlowly(response, body, fault.trickleMs)
      return true
    default:
      return false
  }
}

/** Keeps 0 to `length - 1` bytes, so that at least the last byte is missing. */
const truncate = (body: Buffer, fault: Fault): Buffer => body.subarray(0, randomInteger(fault.random, body.length))

async function sendSlowly(response: ServerResponse, body: Buffer, intervalMs: number): Promise<void> {
  for (let i = 0; i < body.length && !response.destroyed; i++) {
    response.write(body.subarray(i, i + 1))
    await delay(intervalMs, undefined, { ref: false })
  }
  if (!response.destroyed) response.end()
}
