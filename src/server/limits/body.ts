import type { IncomingMessage } from 'node:http'

/** Why a body was not read. */
export type BodyProblem = 'type' | 'size' | 'json'

/**
 * Media types of a body that asks the graph. Not those of forms, which any page may send anywhere without a browser
 * asking first.
 */
const JSON_TYPES = new Set(['application/json', 'application/graphql+json'])
const TEXT_TYPES = new Set(['application/graphql'])

const mediaType = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

/**
 * Reads the body of a POST of at most `maximum` bytes, and leaves it on the request, where Yoga takes it from. Past that
 * nothing is read. Never settles for a client that goes away meanwhile.
 */
export const takeBody = async (request: IncomingMessage, maximum: number): Promise<BodyProblem | null> => {
  const type = mediaType(request)
  if (!JSON_TYPES.has(type) && !TEXT_TYPES.has(type)) return 'type'
  const bytes = await readBody(request, maximum)
  if (bytes === null) return 'size'
  const body = JSON_TYPES.has(type) ? parsed(bytes) : { value: undefined }
  if (body === null) return 'json'
  // Yoga would take an empty one for one that is still to be read.
  const isTaken = typeof body.value === 'object' && body.value !== null && Object.keys(body.value).length > 0
  Object.assign(request, { body: isTaken ? body.value : streamed(bytes) })
  return null
}

const parsed = (bytes: Buffer): { readonly value: unknown } | null => {
  try {
    return { value: JSON.parse(bytes.toString('utf8')) }
  } catch {
    return null
  }
}

const streamed = (bytes: Buffer) => ({
  length: bytes.length,
  async *[Symbol.asyncIterator]() {
    yield bytes
  },
})

const readBody = (request: IncomingMessage, maximum: number): Promise<Buffer | null> =>
  new Promise(resolve => {
    if (Number(request.headers['content-length'] ?? 0) > maximum) {
      resolve(null)
      return
    }
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size <= maximum) {
        chunks.push(chunk)
        return
      }
      request.off('data', take).pause()
      resolve(null)
    }
    request.on('data', take).once('end', () => resolve(Buffer.concat(chunks)))
  })
