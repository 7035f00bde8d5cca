import { createServer, type RequestListener, type Server } from 'node:http'

/** Listening failed: the message is a sentence for whoever started the process. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

export interface Address {
  readonly host: string
  readonly port: number
}

export const listen = async (handle: RequestListener, { host, port }: Address): Promise<Server> => {
  const server = createServer(handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(listenError(error, host, port)))
    server.listen(port, host, resolve)
  })
  return server
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there already; set PORT to another port',
  EACCES: 'this user may not listen on that port; set PORT to one above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address; set HOST to one that it has',
  ENOTFOUND: 'there is no such host; set HOST to a name or an address of this machine',
}

const listenError = (error: NodeJS.ErrnoException, host: string, port: number): Error =>
  new ListenError(`Cannot listen on ${host}:${port}: ${REASONS[error.code ?? ''] ?? error.message}.`, { cause: error })

/** Takes no more connections, and waits for the requests that are under way. */
export const stopListening = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
