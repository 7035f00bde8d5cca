import type { Context } from '../context.ts'
import type { OperationRecorder } from '../observability/operationRecorder.ts'
import type { CancellationToken } from '../restcomm/cancellationToken.ts'

/** Parameters of a GraphQL request. Exported here for the transports, which do not import Yoga. */
export type { GraphQLParams } from 'graphql-yoga'

/** Created by the HTTP handler or the WebSocket server before Yoga runs. */
export interface ServerContext {
  /** Appears in the response header, in errors, in logs and in upstream requests. */
  readonly requestId: string
  /** The `Authorization` header as received, not yet verified; null if absent. */
  readonly authorization: string | null
  /** Header `x-graphql-cost: true`: the response reports the query cost, as with `extensions.cost` in the request. */
  readonly wantsCost: boolean
  readonly cancellation: CancellationToken
  readonly operation: OperationRecorder
}

export interface GraphQLContext extends Context {
  /** Identifies the client without containing credentials; empty without valid credentials. */
  readonly clientId: string
}
