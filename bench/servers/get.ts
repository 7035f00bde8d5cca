import { Pool } from 'undici'

/** Everything before `/2012-04-24`, as this gateway is told it. */
const url = new URL(process.env.RESTCOMM_URL ?? '')
const CONNECTIONS = 64

const pool = new Pool(url.origin, { connections: CONNECTIONS, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })

/** Reads one answer of the upstream, by the shortest way that undici has. */
export const get = (path: string, authorization: string): Promise<string> =>
  new Promise((resolve, reject) => {
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
          const [only] = chunks
          if (status !== 200) reject(new Error(`The upstream answered ${status} to ${path}.`))
          else resolve((chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)).toString('utf8'))
        },
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
