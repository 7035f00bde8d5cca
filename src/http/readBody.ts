import type { IncomingMessage } from 'node:http'

/** Why a body was not read. */
export type BodyProblem = 'type' | 'encoding' | 'size' | 'json'

/** What a body says, where it is JSON; undefined for one that is GraphQL itself. */
interface Body {
  readonly bytes: Buffer
  readonly value: unknown
}

/**
 * Media types of a body that asks the graph. Not those of forms, which any page may send anywhere without a browser
 * asking first.
 */
const JSON_TYPES = new Set(['application/json', 'application/graphql+json'])
const TEXT_TYPES = new Set(['application/graphql'])

const mediaType = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

/** Zipped, most of the time. `identity` says that it is not. */
const isEncoded = ({ headers }: IncomingMessage): boolean => {
  const encoding = headers['content-encoding'] ?? ''
  return encoding !== '' && encoding.toLowerCase() !== 'identity'
}

/**
 * Reads the body of a POST of at most `maximum` bytes. Past that nothing is read. Never settles for a client that goes
 * away meanwhile.
 */
export const readBody = async (request: IncomingMessage, maximum: number): Promise<Body | BodyProblem> => {
  const type = mediaType(request)
  if (!JSON_TYPES.has(type) && !TEXT_TYPES.has(type)) return 'type'
  if (isEncoded(request)) return 'encoding'
  const bytes = await bytesOf(request, maximum)
  if (bytes === null) return 'size'
  return TEXT_TYPES.has(type) ? { bytes, value: undefined } : (parsed(bytes) ?? 'json')
}

/**
 * Leaves a body that was read on its request, where Yoga takes it from. Of what kind it is has been decided here: Yoga would
 * compare the header letter by letter.
 */
export const leaveBody = (request: IncomingMessage, { bytes, value }: Body): void => {
  // Yoga would take an empty one for one that is still to be read.
  const isTaken = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  request.headers['content-type'] = mediaType(request)
  Object.assign(request, { body: isTaken ? value : streamed(bytes) })
}

const parsed = (bytes: Buffer): Body | null => {
  try {
    return { bytes, value: JSON.parse(bytes.toString('utf8')) }
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

const bytesOf = (request: IncomingMessage, maximum: number): Promise<Buffer | null> =>
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
    request.on('data', take).once('end', () => resolve(whole(chunks)))
  })

const whole = (chunks: readonly Buffer[]): Buffer => {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}
