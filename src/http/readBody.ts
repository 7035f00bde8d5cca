import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { quote, userInputError } from '../userInputError.ts'

/** Excludes the media types of HTML forms, because any web site can send forms without a CORS preflight. */
const JSON_TYPES = new Set(['application/json', 'application/graphql+json'])
const TEXT_TYPE = 'application/graphql'
const JSON_PARAMETERS = ['variables', 'extensions'] as const

/**
 * Returns the parsed JSON of the body. Stops reading after `maxBytes`. Throws a GraphQL error for an unsupported, too
 * large or invalid body. If the client disconnects before the end of the body, the promise never settles.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const { 'content-type': contentType = '', 'content-encoding': encoding = '' } = request.headers
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!JSON_TYPES.has(type) && type !== TEXT_TYPE) {
    const message = `The \`Content-Type\` ${quote(contentType)} is not supported: expected \`application/json\`.`
    throw userInputError('UNSUPPORTED_MEDIA_TYPE', message)
  }
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
    const message = 'Compressed bodies are not supported: send the body without `content-encoding`.'
    throw userInputError('UNSUPPORTED_MEDIA_TYPE', message, { http: { headers: { 'accept-encoding': 'identity' } } })
  }
  const announcedBytes = Number(request.headers['content-length'] ?? 0)
  const bytes = announcedBytes > maxBytes ? null : await readBytes(request, maxBytes)
  if (bytes === null) {
    // The gateway does not read the rest of the body, so the connection cannot carry a further request.
    const headers = { connection: 'close' }
    throw userInputError('BODY_TOO_LARGE', `The body is larger than ${maxBytes} bytes (MAX_BODY_BYTES).`, {
      http: { headers },
    })
  }
  const text = bytes.toString('utf8')
  if (type === TEXT_TYPE) return { query: text }
  try {
    return JSON.parse(text)
  } catch {
    throw userInputError('BAD_REQUEST', 'The body is not valid JSON: expected an object with `query`.')
  }
}

/** Throws a GraphQL error for a query parameter of the URL with invalid JSON. `url` must have a query string. */
export function checkUrlParameters(url: string): void {
  const parameters = new URLSearchParams(url.slice(url.indexOf('?') + 1))
  for (const name of JSON_PARAMETERS) {
    try {
      JSON.parse(parameters.get(name) || '{}')
    } catch {
      const message = `The query parameter \`${name}\` is not valid JSON: expected a URL-encoded JSON object.`
      throw userInputError('BAD_REQUEST', message)
    }
  }
}

/** Sets `request.body`, which Yoga reads. Normalizes the content type, because Yoga compares the header literally. */
export function attachParsedBody(request: IncomingMessage, value: unknown): void {
  // Yoga mistakes an empty object for an unread body. Yoga receives a stream of the text instead.
  const isUsable = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  request.headers['content-type'] = 'application/json'
  Object.assign(request, { body: isUsable ? value : Readable.from([Buffer.from(JSON.stringify(value))]) })
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const { promise, resolve } = Promise.withResolvers<Buffer | null>()
  const chunks: Buffer[] = []
  let sizeBytes = 0
  const onData = (chunk: Buffer): void => {
    sizeBytes += chunk.length
    if (sizeBytes <= maxBytes) {
      chunks.push(chunk)
      return
    }
    request.off('data', onData).pause()
    resolve(null)
  }
  request.on('data', onData).once('end', () => resolve(Buffer.concat(chunks)))
  return promise
}
