import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAsyncIterable } from '@graphql-tools/utils'
import type { ExecutionArgs, ExecutionResult, FormattedExecutionResult } from 'graphql'
import { type ConnectionInitMessage, type Context, handleProtocols, makeServer } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { asGraphQLError } from '../errorMapping.ts'
import { EVENT_LOOP_OVERLOADED, overloadedError } from '../graphql/limits/operationLimits.ts'
import { type ErrorReportingOptions, limitResult, reportResult } from '../graphql/plugins/useErrorReporting.ts'
import { resolvePersistedOperation, type TrustedDocuments } from '../graphql/plugins/useTrustedDocuments.ts'
import type { GraphQLParams } from '../graphql/requestContext.ts'
import type { GraphQLServer } from '../graphql/yoga.ts'
import { MAX_HEADER_BYTES } from '../http/httpServer.ts'
import type { UnsentBytes } from '../http/unsentBytes.ts'
import type { OperationRecorder, Result } from '../observability/operationRecorder.ts'
import { CancellationToken } from '../restcomm/cancellationToken.ts'
import { userInputError } from '../userInputError.ts'
import { type ActiveOperation, attachSocket, SLICES_PLACEHOLDER, type WebSocketClient } from './adapter.ts'
import { VerificationQueue } from './verificationQueue.ts'

interface WebSocketOptions extends ErrorReportingOptions {
  readonly graphql: GraphQLServer
  readonly trustedDocuments: TrustedDocuments | null
  readonly maxSubscriptionsPerConnection: number
  readonly maxMessageBytes: number
  readonly unsentBytes: UnsentBytes
  /** Whether new operations are refused. */
  readonly isOverloaded: () => boolean
  readonly startOperation: (requestId: string) => OperationRecorder
}

/** `onSubscribe` returns the arguments. graphql-ws passes the arguments to `execute` and `subscribe`. */
type ExecutionArguments = ExecutionArgs & {
  readonly enveloped: Pick<ReturnType<GraphQLServer['getEnveloped']>, 'execute' | 'subscribe'>
  readonly operation: ActiveOperation
}

const SHUTDOWN_MESSAGE = 'The gateway is shutting down: connect again.'
/** WebSocket close code (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001
/** Maximum time for the closing handshake. Afterwards, the gateway terminates the connection. */
const CLOSE_TIMEOUT_MS = 1_000
const DRAIN_CHECK_INTERVAL_MS = 20

/**
 * Serves the graphql-ws protocol with the plugins, limits and errors of the HTTP endpoint. Browsers cannot set the
 * `Authorization` header of a WebSocket, so browsers send `connectionParams.authorization`.
 */
export function createWebSocketServer(options: WebSocketOptions) {
  const { graphql, log, trustedDocuments, maxSubscriptionsPerConnection, maxMessageBytes, startOperation } = options
  const { unsentBytes, isOverloaded } = options
  const recordUnsentBytes = (bytes: number) => unsentBytes.recordWrite(bytes)
  /** The keys are the payloads of `subscribe` messages. Unlike the id, the payload is unique for each operation. */
  const operations = new WeakMap<object, ActiveOperation>()
  const createOperation = (payload: object): ActiveOperation => {
    const recorder = startOperation(randomUUID())
    const operation = { recorder, cancellation: new CancellationToken(), isCancelled: false, turn: null }
    operations.set(payload, operation)
    return operation
  }
  const removeOperation = ({ operations: active }: WebSocketClient, id: string, payload: object): void => {
    if (active.get(id) === operations.get(payload)) active.delete(id)
  }
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    clientTracking: true,
    handleProtocols,
  })
  const connections = new WeakMap<WebSocket, Context>()
  let isClosing = false
  const server = makeServer<ConnectionInitMessage['payload'] & { authorization?: unknown }, WebSocketClient>({
    execute: args => run(args as ExecutionArguments, ({ enveloped }) => enveloped.execute(args)),
    subscribe: args => run(args as ExecutionArguments, ({ enveloped }) => enveloped.subscribe(args)),
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
      if (isClosing) return [userInputError('UNAVAILABLE', SHUTDOWN_MESSAGE)]
      if (isOverloaded()) return [overloadedError(EVENT_LOOP_OVERLOADED)]
      if (Object.keys(subscriptions).length > maxSubscriptionsPerConnection) {
        const message =
          `The connection already has ${maxSubscriptionsPerConnection} active operations, the maximum: ` +
          'complete an operation, or open a further connection.'
        return [userInputError('TOO_MANY_SUBSCRIPTIONS', message)]
      }
      const { headers } = extra.request
      const given = connectionParams?.authorization
      extra.operations.set(id, operation)
      const entered = extra.verification.enter()
      if (entered !== null) operation.turn = await entered
      if (isClosing) {
        operation.turn?.endAfter()
        return [userInputError('UNAVAILABLE', SHUTDOWN_MESSAGE)]
      }
      try {
        if (operation.isCancelled) {
          // The operation was left before its turn.
          operation.turn?.endAfter()
          throw operation.cancellation.reason
        }
        const params = resolvePersistedOperation(payload as GraphQLParams, trustedDocuments)
        const enveloped = graphql.getEnveloped({
          params,
          requestId: operation.recorder.requestId,
          authorization: headers.authorization ?? (typeof given === 'string' ? given : null),
          wantsCost: headers['x-graphql-cost'] === 'true',
          acceptedTypes: null,
          cancellation: operation.cancellation,
          operation: operation.recorder,
        })
        const document = enveloped.parse(params.query ?? '')
        const errors = enveloped.validate(enveloped.schema, document)
        if (errors.length > 0) return errors
        const contextValue = await enveloped.contextFactory()
        // The context contains the caller of the connection.
        if (operation.recorder.slot?.isVerified === true) {
          extra.verification.verify()
          operation.turn?.endAfter()
        }
        unsentBytes.add(extra.request.socket, { socket: extra.request.socket, operation: operation.recorder })
        const args: ExecutionArguments = {
          schema: enveloped.schema,
          operationName: params.operationName,
          document,
          variableValues: params.variables,
          contextValue,
          enveloped,
          operation,
        }
        return args
      } catch (error) {
        return [asGraphQLError(error)]
      }
    },
    onError: ({ extra }, id, payload, errors) => {
      const { recorder } = operations.get(payload) ?? createOperation(payload)
      removeOperation(extra, id, payload)
      const reported = reportResult(options, recorder, { errors })
      recorder.close()
      operations.get(payload)?.turn?.endAfter(reported.errors)
      return reported.errors?.map(error => error.toJSON())
    },
    onOperation: (_context, _id, payload, _args, result) => {
      if (isAsyncIterable(result)) operations.get(payload)?.recorder.startStreaming()
    },
    onNext: async ({ extra, subscriptions }, id, _payload, args, result) => {
      const { operation } = args as ExecutionArguments
      const endResults = () => (subscriptions[id] as Partial<AsyncIterator<unknown>> | null)?.return?.()
      const limited = await limitResult(options, operation.recorder, result as Result, endResults)
      operation.turn?.endAfter(limited.errors)
      if (!('slices' in limited)) return limited as FormattedExecutionResult
      if (operation.isCancelled) return new Promise<never>(() => undefined)
      extra.slices.set(id, limited.slices)
      return SLICES_PLACEHOLDER
    },
    onComplete: ({ extra }, id, payload) => {
      removeOperation(extra, id, payload)
      const operation = operations.get(payload)
      operation?.recorder.close()
      operation?.turn?.endAfter()
    },
  })
  return {
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      sockets.handleUpgrade(request, socket, head, socket => {
        const client = {
          socket,
          request,
          operations: new Map(),
          slices: new Map(),
          recordUnsentBytes,
          verification: new VerificationQueue(),
        }
        attachSocket(server, client, log)
      })
    },
    /** Rejects new operations. Closes each connection after the last operation. Does not end subscriptions. */
    drain: async (): Promise<void> => {
      isClosing = true
      while (sockets.clients.size > 0) {
        for (const client of sockets.clients) {
          const isBusy = Object.keys(connections.get(client)?.subscriptions ?? {}).length > 0
          if (isBusy || client.readyState !== client.OPEN) continue
          client.close(GOING_AWAY, SHUTDOWN_MESSAGE)
          setTimeout(() => client.terminate(), CLOSE_TIMEOUT_MS).unref()
        }
        await sleep(DRAIN_CHECK_INTERVAL_MS)
      }
      await new Promise(resolve => sockets.close(resolve))
    },
  }
}

/**
 * Converts an error to a result. Otherwise, graphql-ws would close the connection with all operations. If the operation
 * is cancelled, never settles, because the client may use the id for a new operation.
 */
async function run<T>(args: ExecutionArguments, executeOrSubscribe: (args: ExecutionArguments) => T | PromiseLike<T>) {
  let result: T | ExecutionResult
  try {
    result = await executeOrSubscribe(args)
  } catch (error) {
    result = { errors: [asGraphQLError(error)] }
  }
  if (!args.operation.isCancelled) return result
  if (isAsyncIterable(result)) await (result as Partial<AsyncIterator<unknown>>).return?.()
  return new Promise<never>(() => undefined)
}
