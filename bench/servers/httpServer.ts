import { createServer, type IncomingMessage } from 'node:http'
import type { Variables, WorkloadName } from '../src/workloads.ts'

export interface WorkloadRequest {
  readonly operationName: WorkloadName
  readonly variables: Variables
  readonly authorization: string
}

/** Serves POST requests with plain `node:http`; the handler returns the JSON text of the response. */
export function serveHttp(handle: (request: WorkloadRequest) => Promise<string>): void {
  const server = createServer(async (request, response) => {
    try {
      const { operationName, variables } = JSON.parse(await readBody(request)) as Omit<WorkloadRequest, 'authorization'>
      const text = await handle({ operationName, variables, authorization: request.headers.authorization ?? '' })
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      response.end(text)
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  server.listen(Number(process.env.PORT), '127.0.0.1')
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.on('error', reject)
  })
}
