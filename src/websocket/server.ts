import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { isAsyncIterable } from '@graphql-tools/utils'
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, getOperationAST } from 'graphql'
import { type ConnectionInitMessage, type Context, handleProtocols, makeServer } from 'graphql-ws'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { asGraphQLError } from '../errorMapping.ts'
import { resolvePersistedOperation } from '../graphql/limits/resolvePersistedOperation.ts'
import type { TrustedDocuments } from '../graphql/limits/trustedDocuments.ts'
import { reportResult } from '../graphql/plugins/useErrorReporting.ts'
import type { GraphQLParams } from '../graphql/requestContext.ts'
import type { GraphQLServer } from '../graphql/yoga.ts'
import { MAX_HEADER_BYTES } from '../http/httpServer.ts'
import type { OperationRecorder, Result } from '../observability/operationRecorder.ts'
import { type ActiveOperation, ActiveOperations } from './activeOperations.ts'
import { attachSocket, type WebSocketClient } from './adapter.ts'
import { drainSockets, SHUTDOWN_MESSAGE } from './drainSockets.ts'
import { operationNotResolved, shuttingDown, tooManySubscriptions } from './subscribeErrors.ts'

interface WebSocketOptions {
  readonly graphql: GraphQLServer
  readonly log: Logger
  readonly suggestions: boolean
  readonly trustedDocuments: TrustedDocuments | null
  readonly maxSubscriptionsPerConnection: number
  readonly maxMessageBytes: number
  readonly startOperation: (requestId: string) => OperationRecorder
}

interface GraphQLWebSocketServer {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Rejects new operations. Closes each connection after the last operation. Does not end subscriptions. */
  drain(): Promise<void>
}

/** `onSubscribe` returns the arguments. graphql-ws passes the arguments to `execute` and `subscribe`. */
type ExecutionArguments = ExecutionArgs & {
  readonly enveloped: Pick<ReturnType<GraphQLServer['getEnveloped']>, 'execute' | 'subscribe'>
  readonly operation: OperationRecorder
  readonly active: ActiveOperation
}

/**
 * Serves the graphql-ws protocol with the plugins, limits and errors of the HTTP endpoint. Browsers cannot set the
 * `Authorization` header of a WebSocket, so browsers send `connectionParams.authorization`.
 */
export function createWebSocketServer(options: WebSocketOptions): GraphQLWebSocketServer {
  const { graphql, log, trustedDocuments, maxSubscriptionsPerConnection, maxMessageBytes, startOperation } = options
  /** The keys are the payloads of `subscribe` messages. */
  const operations = new WeakMap<object, OperationRecorder>()
  const createOperation = (payload: object): OperationRecorder => {
    const operation = startOperation(randomUUID())
    operations.set(payload, operation)
    return operation
  }
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    clientTracking: true,
    handleProtocols,
  })
  const connections = new WeakMap<WebSocket, Context>()
  const activeOperations = new ActiveOperations()
  let isClosing = false
  const server = makeServer<ConnectionInitMessage['payload'] & { authorization?: unknown }, WebSocketClient>({
    execute: args => unlessCancelled(args as ExecutionArguments, ({ enveloped }) => enveloped.execute(args)),
    subscribe: args => unlessCancelled(args as ExecutionArguments, ({ enveloped }) => enveloped.subscribe(args)),
    onConnect: context => {
      connections.set(context.extra.socket, context)
      const given = context.connectionParams?.authorization
      const authorization = typeof given === 'string' ? given : ''
      // Drops all parameters except `authorization`, because graphql-ws would keep all parameters in memory.
      Object.assign(context, { connectionParams: given === authorization ? { authorization } : {} })
      return authorization.length <= MAX_HEADER_BYTES
    },
    onSubscribe: async ({ connectionParams, extra, subscriptions }, id, payload) => {
      const operation = createOperation(payload)
      if (isClosing) return [shuttingDown()]
      if (Object.keys(subscriptions).length > maxSubscriptionsPerConnection) {
        return [tooManySubscriptions(maxSubscriptionsPerConnection)]
      }
      const { request } = extra as { request: IncomingMessage }
      const given = connectionParams?.authorization
      const authorization = request.headers.authorization ?? (typeof given === 'string' ? given : null)
      const { requestId } = operation
      const active = activeOperations.add(extra.socket, id, payload)
      const { cancellation } = active
      const wantsCost = request.headers['x-graphql-cost'] === 'true'
      try {
        const params = resolvePersistedOperation(payload as GraphQLParams, trustedDocuments)
        const serverContext = { requestId, authorization, wantsCost, acceptedTypes: null, cancellation, operation }
        const enveloped = graphql.getEnveloped({ params, ...serverContext })
        const document = enveloped.parse(params.query ?? '')
        if (!getOperationAST(document, params.operationName)) return [operationNotResolved()]
        const errors = enveloped.validate(enveloped.schema, document)
        if (errors.length > 0) return errors
        const args: ExecutionArguments = {
          schema: enveloped.schema,
          operationName: params.operationName,
          document,
          variableValues: params.variables,
          contextValue: await enveloped.contextFactory(),
          enveloped,
          operation,
          active,
        }
        return args
      } catch (error) {
        return [asGraphQLError(error)]
      }
    },
    onClose: ({ extra }) => activeOperations.cancelAll(extra.socket),
    onError: ({ extra }, id, payload, errors) => {
      activeOperations.remove(extra.socket, id, payload)
      const operation = operations.get(payload) ?? createOperation(payload)
      return reportResult(options, operation, { errors }).errors?.map(error => error.toJSON())
    },
    onOperation: (_context, _id, _params, args, result) => {
      if (isAsyncIterable(result)) (args as ExecutionArguments).operation.startStreaming()
    },
    onNext: (_context, _id, _params, args, result) =>
      reportResult(options, (args as ExecutionArguments).operation, result as Result) as FormattedExecutionResult,
    onComplete: ({ extra }, id, payload) => {
      activeOperations.remove(extra.socket, id, payload)
      operations.get(payload)?.close()
    },
  })
  return {
    upgrade: (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, socket => {
        attachSocket(server, { socket, request }, { log, onComplete: id => activeOperations.cancel(socket, id) })
      })
    },
    drain: async () => {
      isClosing = true
      await drainSockets(sockets.clients, client => {
        return Object.keys(connections.get(client)?.subscriptions ?? {}).length > 0
      })
      for (const client of sockets.clients) client.close(1001, SHUTDOWN_MESSAGE)
      await new Promise(resolve => sockets.close(resolve))
    },
  }
}

/** If the operation is cancelled, never settles, because the client may use the id for a new operation. */
async function unlessCancelled<T>(
  args: ExecutionArguments,
  run: (args: ExecutionArguments) => T | PromiseLike<T>,
): Promise<T | ExecutionResult> {
  const { active, operation } = args
  const result = await resultOrError(args, run)
  if (!active.isCancelled) return result
  operation.close()
  if (isAsyncIterable(result)) await (result as Partial<AsyncIterator<unknown>>).return?.()
  return new Promise(() => undefined)
}

/** Converts an error to a result. Otherwise, graphql-ws would close the connection with all operations. */
async function resultOrError<T>(
  args: ExecutionArguments,
  run: (args: ExecutionArguments) => T | PromiseLike<T>,
): Promise<T | ExecutionResult> {
  try {
    return await run(args)
  } catch (error) {
    return { errors: [asGraphQLError(error)] }
  }
}
