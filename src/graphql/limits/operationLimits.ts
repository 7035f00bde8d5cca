import { type GraphQLError, getOperationAST, OperationTypeNode } from 'graphql'
import { CallerShares, type CallerSharesOptions, type Refusal, Slot } from '../../callerShares.ts'
import type { Config } from '../../config.ts'
import { userInputError } from '../../userInputError.ts'
import type { ServerContext } from '../requestContext.ts'
import type { Work } from '../work.ts'

/** Limits the concurrent operations and subscriptions of the process, in total and per caller. */
export class OperationLimits {
  readonly #operations: CallerShares
  readonly #subscriptions: CallerShares

  constructor(limits: Config['operations'], callers: Pick<CallerSharesOptions, 'isVerified' | 'recentCallers'>) {
    const { maxOperations: max, maxUnverifiedOperations: maxUnverified } = limits
    const { maxSubscriptions, maxUnverifiedSubscriptions } = limits
    this.#operations = new CallerShares({ ...callers, max, maxUnverified })
    this.#subscriptions = new CallerShares({
      ...callers,
      max: maxSubscriptions,
      maxUnverified: maxUnverifiedSubscriptions,
    })
  }

  /**
   * Must be called once per operation, after authentication and before execution. `OperationRecorder.close` releases the
   * slot.
   */
  admit({ operation, params, cancellation }: ServerContext, work: Work): void {
    // A slot acquired after `close` would never be released.
    if (cancellation.isCancelled) throw cancellation.reason
    const caller = operation.client
    if (caller === null) throw new Error('An operation was admitted before authentication.')
    const node = operation.document && getOperationAST(operation.document, params?.operationName)
    const isSubscription = node?.operation === OperationTypeNode.SUBSCRIPTION
    const shares = isSubscription ? this.#subscriptions : this.#operations
    const slot = shares.acquire(caller, cancellation, isSubscription ? 1 : unitsOf(work))
    if (!(slot instanceof Slot)) throw refusalError(slot, isSubscription, shares.countOf(caller))
    operation.slot = slot
  }
}

/** An operation takes about 300 bytes for each field, and a row takes as much as three fields. */
const FIELDS_PER_UNIT = 500

/** Large operations take several units, because their unfinished results together could exceed the memory. */
function unitsOf({ fields, rows, parts }: Work): number {
  return Math.ceil((fields + 3 * rows + 10 * parts + 1) / FIELDS_PER_UNIT)
}

/** Operations usually end within the second. */
const RETRY_AFTER_SECONDS = 1

export const EVENT_LOOP_OVERLOADED = `The gateway is overloaded: retry in ${RETRY_AFTER_SECONDS} s.`

export function overloadedError(message: string): GraphQLError {
  return userInputError('OVERLOADED', message, { retryAfter: RETRY_AFTER_SECONDS })
}

function refusalError(refusal: Refusal, isSubscription: boolean, count: number): GraphQLError {
  const kind = isSubscription ? 'subscriptions' : 'queries and mutations'
  if (refusal === 'full') {
    return overloadedError(`The gateway runs too many ${kind}: retry in ${RETRY_AFTER_SECONDS} s.`)
  }
  const usage = `The client already has ${count} running ${kind}, the most that one client may have now`
  if (isSubscription) {
    return userInputError('TOO_MANY_SUBSCRIPTIONS', `${usage}: end a subscription before starting the next.`)
  }
  const message = `${usage}: wait for a response before sending the next. Retry in ${RETRY_AFTER_SECONDS} s.`
  return userInputError('RATE_LIMITED', message, { retryAfter: RETRY_AFTER_SECONDS })
}
