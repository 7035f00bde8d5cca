import type { IncomingHttpHeaders } from 'node:http'
import type { Exchange } from '../endpoints/endpointContext.ts'
import { route } from '../endpoints/routes.ts'
import { authenticate } from './authentication.ts'
import { formatOf } from './contentNegotiation.ts'
import type { Parameters } from './parameters.ts'
import { parseParameters } from './parameters.ts'
import type { Reply } from './response.ts'
import { Refusal } from './response.ts'
import type { SandboxRequest } from './requestLog.ts'
import { parseResourcePath } from './resourcePath.ts'

/** What every request is answered from. */
export type Ground = Pick<Exchange, 'rows' | 'settings' | 'race'>

interface Asked {
  method: string
  /** Path and query, as they came. */
  target: string
  headers: IncomingHttpHeaders
  /** The body as text. */
  body: string
}

const FORM = 'application/x-www-form-urlencoded'
const NO_PARAMETERS: Parameters = new Map()

// A description in another format than JSON: it says that there is something, and nobody reads it.
const DESCRIPTION = '<?xml version="1.0" encoding="UTF-8"?><application xmlns="http://wadl.dev.java.net/2009/02"/>'

/** The order of the checks shows: a wrong password on a path that is not there is still a 401. */
const handle = (ground: Ground, asked: Asked, log: SandboxRequest): Reply => {
  const [rawPath = '', ...rest] = asked.target.split('?')
  const path = parseResourcePath(rawPath)
  if (path === null) throw new Refusal(404)
  const caller = authenticate(ground.rows, asked.headers.authorization)
  log.account = caller.sid
  const routed = route(path.segments)
  if (routed === null) throw new Refusal(404)
  const { resource, account, sid } = routed
  const post = resource.post
  if (asked.method === 'OPTIONS') {
    const headers = { Allow: post ? 'OPTIONS,HEAD,POST,GET' : 'OPTIONS,HEAD,GET' }
    return { status: 200, text: DESCRIPTION, contentType: 'application/vnd.sun.wadl+xml', headers }
  }
  const isRead = asked.method === 'GET' || asked.method === 'HEAD'
  if (!isRead && (asked.method !== 'POST' || post === undefined)) {
    throw new Refusal(405, { headers: { Allow: post ? 'HEAD,POST,GET,OPTIONS' : 'HEAD,GET,OPTIONS' } })
  }
  if (!isRead && asked.headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== FORM) throw new Refusal(415)
  const format = formatOf(path.json, asked.headers.accept)
  // A write is refused before it is done if its answer could not be written.
  if (format === 'none' || (format === 'xml' && !isRead)) throw new Refusal(406, { text: '' })
  const exchange: Exchange = {
    ...ground,
    caller,
    account,
    sid,
    uri: path.uri,
    query: rest.length === 0 ? NO_PARAMETERS : parseParameters(rest.join('?'), { twice: path.json }),
    form: isRead ? NO_PARAMETERS : parseParameters(asked.body),
  }
  const reply = isRead || post === undefined ? resource.get(exchange) : post(exchange)
  if (asked.method === 'HEAD')
    return { status: reply.status, text: '', headers: { 'Content-Type': `application/${format}` } }
  return format === 'xml' ? { status: 406, text: '' } : reply
}

/** Never throws: what an endpoint refuses is an answer too. */
export const answer = (ground: Ground, asked: Asked, log: SandboxRequest): Reply => {
  try {
    return handle(ground, asked, log)
  } catch (refused) {
    if (refused instanceof Refusal) return refused.reply
    throw refused
  }
}
