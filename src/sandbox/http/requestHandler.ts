import type { IncomingHttpHeaders } from 'node:http'
import type { EndpointContext } from '../endpoints/endpointContext.ts'
import { findRoute } from '../endpoints/routes.ts'
import { authenticate } from './authentication.ts'
import { formatOf } from './contentNegotiation.ts'
import type { Parameters } from './parameters.ts'
import { parseParameters } from './parameters.ts'
import type { SandboxRequest } from './requestLog.ts'
import { parseResourcePath } from './resourcePath.ts'
import type { SandboxResponse } from './response.ts'
import { HttpError } from './response.ts'

export type HandlerState = Pick<EndpointContext, 'rows' | 'settings' | 'mismatchSimulator'>

interface RequestParts {
  method: string
  /** The path and the query as received, without decoding. */
  target: string
  headers: IncomingHttpHeaders
  body: string
}

const FORM = 'application/x-www-form-urlencoded'
const NO_PARAMETERS: Parameters = new Map()

// Restcomm answers OPTIONS with a WADL description. A stub suffices, because clients do not read the description.
const WADL_STUB = '<?xml version="1.0" encoding="UTF-8"?><application xmlns="http://wadl.dev.java.net/2009/02"/>'

/** Checks in Restcomm's order. For example, a wrong password for an unknown resource gives 401, not 404. */
function dispatch(state: HandlerState, request: RequestParts, log: SandboxRequest): SandboxResponse {
  const [rawPath = '', ...rest] = request.target.split('?')
  const path = parseResourcePath(rawPath)
  if (path === null) throw new HttpError(404)
  const principal = authenticate(state.rows, request.headers.authorization)
  log.account = principal.sid
  const routed = findRoute(path.segments)
  if (routed === null) throw new HttpError(404)
  const { resource, account, sid } = routed
  const post = resource.post
  if (request.method === 'OPTIONS') {
    const headers = { Allow: post ? 'OPTIONS,HEAD,POST,GET' : 'OPTIONS,HEAD,GET' }
    return { status: 200, text: WADL_STUB, contentType: 'application/vnd.sun.wadl+xml', headers }
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isRead && (request.method !== 'POST' || post === undefined)) {
    throw new HttpError(405, { headers: { Allow: post ? 'HEAD,POST,GET,OPTIONS' : 'HEAD,GET,OPTIONS' } })
  }
  if (!isRead && request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== FORM) throw new HttpError(415)
  const format = formatOf(path.json, request.headers.accept)
  // Like Restcomm, rejects a write before execution if the client accepts neither JSON nor XML. The sandbox
  // cannot write XML, so writes with an XML response are rejected as well.
  if (format === 'none' || (format === 'xml' && !isRead)) throw new HttpError(406, { text: '' })
  const context: EndpointContext = {
    ...state,
    principal,
    account,
    sid,
    uri: path.uri,
    query: rest.length === 0 ? NO_PARAMETERS : parseParameters(rest.join('?'), { twice: path.json }),
    form: isRead ? NO_PARAMETERS : parseParameters(request.body),
  }
  const response = isRead || post === undefined ? resource.get(context) : post(context)
  if (request.method === 'HEAD')
    return { status: response.status, text: '', headers: { 'Content-Type': `application/${format}` } }
  return format === 'xml' ? { status: 406, text: '' } : response
}

/** Returns the response of a thrown `HttpError`. Rethrows all other errors. */
export function handleRequest(state: HandlerState, request: RequestParts, log: SandboxRequest): SandboxResponse {
  try {
    return dispatch(state, request, log)
  } catch (error) {
    if (error instanceof HttpError) return error.response
    throw error
  }
}
