import { type GraphQLError, getOperationAST, OperationTypeNode } from 'graphql'
import { CallerShares, type CallerSharesOptions, type Refusal, Slot } from '../../callerShares.ts'
import type { Config } from '../../config.ts'
import { userInputError } from '../../userInputError.ts'
import type { ServerContext } from '../requestContext.ts'
import type { Work } from '../work.ts'

/** Limits the concurrent operations and subscriptions of the process, in total and per caller. */
export class OperationLimits {
  readonly #operations: CallerShares
  readonly #largeOperations: CallerShares
  readonly #subscriptions: CallerShares

  constructor(limits: Config['operations'], callers: Pick<CallerSharesOptions, 'isVerified' | 'recentCallers'>) {
    const { maxOperations: max, maxUnverifiedOperations: maxUnverified } = limits
    const { maxSubscriptions, maxUnverifiedSubscriptions } = limits
    this.#operations = new CallerShares({ ...callers, max, maxUnverified })
    this.#largeOperations = new CallerShares({ ...callers, max: MAX_LARGE_UNITS, maxUnverified })
    this.#subscriptions = new CallerShares({
      ...callers,
      max: maxSubscriptions,
      maxUnverified: maxUnverifiedSubscriptions,
    })
  }

  /**
   * Must be called once per operation, after authentication and before execution. The `OperationRecorder` releases the
   * slots.
   */
  admit({ operation, params, cancellation }: ServerContext, work: Work): void {
    // A slot acquired after `close` would never be released.
    if (cancellation.isCancelled) throw cancellation.reason
    const caller = operation.client
    if (caller === null) throw new Error('An operation was admitted before authentication.')
    const node = operation.document && getOperationAST(operation.document, params?.operationName)
    const acquire = (shares: CallerShares, kind: OperationKind, units: number): Slot => {
      const slot = shares.acquire(caller, cancellation, units)
      if (slot instanceof Slot) return slot
      throw refusalError(slot, kind, shares.countOf(caller))
    }
    if (node?.operation === OperationTypeNode.SUBSCRIPTION) {
      operation.slot = acquire(this.#subscriptions, 'subscriptions', 1)
      return
    }
    operation.slot = acquire(this.#operations, 'queries and mutations', 1)
    const units = unitsOf(work)
    if (units > 1) operation.largeSlot = acquire(this.#largeOperations, 'large queries and mutations', units)
  }
}

type OperationKind = 'subscriptions' | 'queries and mutations' | 'large queries and mutations'

/** An operation takes about 300 bytes for each field, and a row takes as much as three fields. */
const FIELDS_PER_UNIT = 500
/** A million fields. Large operations have limits of their own, because their unfinished results together could exceed the memory. */
const MAX_LARGE_UNITS = 2_000

function unitsOf({ fields, rows, parts }: Work): number {
  return Math.ceil((fields + 3 * rows + 10 * parts) / FIELDS_PER_UNIT)
}

/** Operations usually end within the second. */
const RETRY_AFTER_SECONDS = 1

export const EVENT_LOOP_OVERLOADED = `The gateway is overloaded: retry in ${RETRY_AFTER_SECONDS} s.`

export function overloadedError(message: string): GraphQLError {
  return userInputError('OVERLOADED', message, { retryAfter: RETRY_AFTER_SECONDS })
}

function refusalError(refusal: Refusal, kind: OperationKind, count: number): GraphQLError {
  if (refusal === 'full') {
    return overloadedError(`The gateway runs too many ${kind}: retry in ${RETRY_AFTER_SECONDS} s.`)
  }
  const usage = `The client already has ${count} running ${kind}, the most that one client may have now`
  if (kind === 'subscriptions') {
    return userInputError('TOO_MANY_SUBSCRIPTIONS', `${usage}: end a subscription before starting the next.`)
  }
  const message = `${usage}: wait for a response before sending the next. Retry in ${RETRY_AFTER_SECONDS} s.`
  return userInputError('RATE_LIMITED', message, { retryAfter: RETRY_AFTER_SECONDS })
}
