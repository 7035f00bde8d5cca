import type { GraphQLParams } from 'graphql-yoga'
import type { OperationRecorder } from '../observability/operationRecorder.ts'
import type { CancellationToken } from '../restcomm/cancellationToken.ts'
import type { AcceptedTypes } from './contentNegotiation.ts'

/** Parameters of a GraphQL request. Exported here, so that the transports do not import Yoga. */
export type { GraphQLParams }

/** Created by the HTTP handler or the WebSocket server before Yoga runs. */
export interface ServerContext {
  /** Appears in the response header, in errors, in logs and in upstream requests. */
  readonly requestId: string
  /** The `Authorization` header as received, not yet verified; null if absent. */
  readonly authorization: string | null
  /** True for the header `x-graphql-cost: true`. The response then contains the query cost in `extensions.cost`. */
  readonly wantsCost: boolean
  /** Null if the client accepts every kind of result: for a WebSocket, and for a query with a single result. */
  readonly acceptedTypes: AcceptedTypes | null
  /** Added by Yoga. */
  readonly params?: GraphQLParams
  readonly cancellation: CancellationToken
  readonly operation: OperationRecorder
}
