import { createServer, type IncomingMessage } from 'node:http'
import type { Variables, WorkloadName } from '../src/workloads.ts'

export interface Asked {
  readonly operationName: WorkloadName
  readonly variables: Variables
  readonly authorization: string
}

/** The plainest server that Node makes: reads a POST, and writes what it is answered. */
export const serve = (answer: (asked: Asked) => Promise<string>): void => {
  const server = createServer(async (request, response) => {
    try {
      const { operationName, variables } = JSON.parse(await bodyOf(request)) as Omit<Asked, 'authorization'>
      const text = await answer({ operationName, variables, authorization: request.headers.authorization ?? '' })
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      response.end(text)
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  server.listen(Number(process.env.PORT), '127.0.0.1')
}

const bodyOf = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.on('error', reject)
  })
