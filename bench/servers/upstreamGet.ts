import { Pool } from 'undici'

const url = new URL(process.env.RESTCOMM_URL ?? '')
const CONNECTIONS = 64

const pool = new Pool(url.origin, { connections: CONNECTIONS, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })

/** Sends a GET request with `Pool.dispatch`, the function of undici with the least overhead. */
export function upstreamGet(path: string, authorization: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let status = 0
    pool.dispatch(
      { method: 'GET', path: url.pathname + path, headers: { accept: 'application/json', authorization } },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, statusCode) => {
          status = statusCode
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk)
        },
        onResponseEnd: () => {
          const [first] = chunks
          const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
          if (status === 200) resolve(body.toString('utf8'))
          else reject(new Error(`Upstream responded with status ${status} to ${path}.`))
        },
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
}
