import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import { type ConnectionInitMessage, type Context, handleProtocols, makeServer } from 'graphql-ws'
import { type GraphQLParams, isAsyncIterable } from 'graphql-yoga'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { toGraphQLError } from '../errorCodes.ts'
import { closeOnceIdle } from './drain.ts'
import { ConnectionOperations, type UnderWay } from './activeOperations.ts'
import { formatted } from '../graphql/formatResult.ts'
import type { Graph } from '../graphql/yoga.ts'
import { withDocument } from '../graphql/limits/persistedOperation.ts'
import type { TrustedDocuments } from '../graphql/limits/trustedDocuments.ts'
import { MAXIMUM_HEAD } from '../http/listen.ts'
import type { Operation, Result } from '../observability/operationRecorder.ts'
import { reporter } from '../graphql/plugins/useErrorReporting.ts'
import { type Client, openClient } from './adapter.ts'
import { parseFailure, stopping, tooMany, unresolved } from './operationErrors.ts'

interface WebSocketOptions {
  readonly graph: Graph
  readonly log: Logger
  readonly suggestions: boolean
  /** Those that are run by their id alone. */
  readonly documents: TrustedDocuments | null
  readonly maximumSubscriptionsPerConnection: number
  /** The largest message that a client may send. */
  readonly maximumMessageBytes: number
  readonly beginOperation: (requestId: string) => Operation
}

interface WebSocketDoor {
  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /**
   * Takes no more operations, and closes each connection once those that are under way on it are done. For that to
   * happen subscriptions must be brought to an end elsewhere.
   */
  close(): Promise<void>
}

/** What graphql-ws hands from `onSubscribe` to `execute` and `subscribe`. */
type Arguments = ExecutionArgs & {
  readonly run: Pick<ReturnType<Graph['getEnveloped']>, 'execute' | 'subscribe'>
  readonly operation: Operation
  readonly underWay: UnderWay
}

/**
 * The same graph by the protocol of graphql-ws: the same plugins, limits and errors. Credentials come with the upgrade's
 * `Authorization` header or, since browsers cannot set one, as `connectionParams.authorization`.
 */
export const webSocketDoor = (options: WebSocketOptions): WebSocketDoor => {
  const { graph, log, documents, maximumSubscriptionsPerConnection, maximumMessageBytes, beginOperation } = options
  /** By the message that asked for it. */
  const operations = new WeakMap<object, Operation>()
  const begin = (params: object): Operation => {
    const operation = beginOperation(randomUUID())
    operations.set(params, operation)
    return operation
  }
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maximumMessageBytes,
    clientTracking: true,
    handleProtocols,
  })
  /** What is under way on each connection. */
  const connections = new WeakMap<WebSocket, Context>()
  const underWay = new ConnectionOperations()
  let isClosing = false
  const server = makeServer<ConnectionInitMessage['payload'] & { authorization?: unknown }, Client>({
    execute: args => ifWanted(args as Arguments, ({ run }) => run.execute(args)),
    subscribe: args => ifWanted(args as Arguments, ({ run }) => run.subscribe(args)),
    onConnect: context => {
      connections.set(context.extra.socket, context)
      const given = context.connectionParams?.authorization
      const authorization = typeof given === 'string' ? given : ''
      // They are kept for as long as the connection, and may be as large as a message.
      Object.assign(context, { connectionParams: given === authorization ? { authorization } : {} })
      return authorization.length <= MAXIMUM_HEAD
    },
    onSubscribe: async ({ connectionParams, extra, subscriptions }, id, payload) => {
      const operation = begin(payload)
      if (isClosing) return [stopping()]
      if (Object.keys(subscriptions).length > maximumSubscriptionsPerConnection) return [tooMany()]
      const { request } = extra as { request: IncomingMessage }
      const given = connectionParams?.authorization
      const authorization = request.headers.authorization ?? (typeof given === 'string' ? given : null)
      const { requestId } = operation
      const own = underWay.begin(extra.socket, id, payload)
      const { cancellation } = own
      const asksForCost = request.headers['x-graphql-cost'] === 'true'
      try {
        const params = withDocument(payload as GraphQLParams, documents)
        const enveloped = graph.getEnveloped({ params, requestId, authorization, asksForCost, cancellation, operation })
        const document = enveloped.parse(params.query ?? '')
        if (!getOperationAST(document, params.operationName)) return [unresolved()]
        const errors = enveloped.validate(enveloped.schema, document)
        if (errors.length > 0) return errors
        const args: Arguments = {
          schema: enveloped.schema,
          operationName: params.operationName,
          document,
          variableValues: params.variables,
          contextValue: await enveloped.contextFactory(),
          run: enveloped,
          operation,
          underWay: own,
        }
        return args
      } catch (error) {
        return [error instanceof GraphQLError ? parseFailure(error) : toGraphQLError(error)]
      }
    },
    onClose: ({ extra }) => underWay.abandonAll(extra.socket),
    onError: ({ extra }, id, params, errors) => {
      underWay.done(extra.socket, id, params)
      const { errors: shown = [] } = formatted(reporter(options, operations.get(params) ?? begin(params))({ errors }))
      return shown
    },
    onOperation: (_context, _id, _params, args, result) => {
      if (isAsyncIterable(result)) (args as Arguments).operation.streams()
    },
    onNext: (_context, _id, _params, args, result) =>
      formatted(reporter(options, (args as Arguments).operation)(result as Result)),
    onComplete: ({ extra }, id, params) => {
      underWay.done(extra.socket, id, params)
      operations.get(params)?.leave()
    },
  })
  return {
    upgrade: (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, socket => {
        openClient(server, { socket, request }, { log, onComplete: id => underWay.abandon(socket, id) })
      })
    },
    close: async () => {
      isClosing = true
      await closeOnceIdle(sockets.clients, client => {
        return Object.keys(connections.get(client)?.subscriptions ?? {}).length > 0
      })
      for (const client of sockets.clients) client.close(1001, 'Going away')
      await new Promise(resolve => sockets.close(resolve))
    },
  }
}

/**
 * What comes of an operation is sent under its id, which its client may have given to another by then: where it waits no
 * more, nothing must come.
 */
const ifWanted = async <T>(
  args: Arguments,
  run: (args: Arguments) => T | PromiseLike<T>,
): Promise<T | ExecutionResult> => {
  const { underWay, operation } = args
  const settled = await settledOf(args, run)
  if (!underWay.isAbandoned) return settled
  operation.leave()
  if (isAsyncIterable(settled)) await (settled as Partial<AsyncIterator<unknown>>).return?.()
  return new Promise(() => undefined)
}

/** The mistake of one operation would close the connection, with all others that are on it. */
const settledOf = async <T>(
  args: Arguments,
  run: (args: Arguments) => T | PromiseLike<T>,
): Promise<T | ExecutionResult> => {
  try {
    return await run(args)
  } catch (error) {
    return { errors: [toGraphQLError(error)] }
  }
}
