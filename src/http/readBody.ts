import type { IncomingMessage } from 'node:http'

export type BodyError = 'type' | 'encoding' | 'size' | 'json'

interface Body {
  readonly bytes: Buffer
  /** Parsed JSON; undefined for `application/graphql`. */
  readonly value: unknown
}

/** Excludes the media types of HTML forms, because any web site can send forms without a CORS preflight. */
const JSON_TYPES = new Set(['application/json', 'application/graphql+json'])
const TEXT_TYPES = new Set(['application/graphql'])

function mediaType({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function hasContentEncoding({ headers }: IncomingMessage): boolean {
  const encoding = headers['content-encoding'] ?? ''
  return encoding !== '' && encoding.toLowerCase() !== 'identity'
}

/** Stops reading after `maxBytes`. If the client disconnects before the end of the body, the promise never settles. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body | BodyError> {
  const type = mediaType(request)
  if (!JSON_TYPES.has(type) && !TEXT_TYPES.has(type)) return 'type'
  if (hasContentEncoding(request)) return 'encoding'
  const bytes = await readBytes(request, maxBytes)
  if (bytes === null) return 'size'
  return TEXT_TYPES.has(type) ? { bytes, value: undefined } : (parseJson(bytes) ?? 'json')
}

/** Sets `request.body`, which Yoga reads. Normalizes the content type, because Yoga compares the header literally. */
export function attachParsedBody(request: IncomingMessage, { bytes, value }: Body): void {
  // Yoga mistakes an empty object for an unread body. Yoga receives a stream of the bytes instead.
  const isUsable = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  request.headers['content-type'] = mediaType(request)
  Object.assign(request, { body: isUsable ? value : toStream(bytes) })
}

function parseJson(bytes: Buffer): Body | null {
  try {
    return { bytes, value: JSON.parse(bytes.toString('utf8')) }
  } catch {
    return null
  }
}

function toStream(bytes: Buffer) {
  return {
    length: bytes.length,
    async *[Symbol.asyncIterator]() {
      yield bytes
    },
  }
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  return new Promise(resolve => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      resolve(null)
      return
    }
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
    request.on('data', onData).once('end', () => resolve(concat(chunks)))
  })
}

function concat(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
}
