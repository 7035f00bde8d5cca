import { type GraphQLError, getOperationAST, OperationTypeNode } from 'graphql'
import { type Caller, CallerShares, type CallerSharesOptions, type Refusal, Slot } from '../../callerShares.ts'
import type { Config } from '../../config.ts'
import { userInputError } from '../../userInputError.ts'
import type { ServerContext } from '../requestContext.ts'

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

  get stats(): { readonly operations: number; readonly subscriptions: number } {
    return { operations: this.#operations.total, subscriptions: this.#subscriptions.total }
  }

  /** Must be called once per operation, before execution. `OperationRecorder.close` releases the slot. */
  admit({ operation, params, cancellation }: ServerContext, caller: Caller): void {
    // A slot acquired after `close` would never be released.
    if (cancellation.isCancelled) throw cancellation.reason
    const node = operation.document && getOperationAST(operation.document, params?.operationName)
    const isSubscription = node?.operation === OperationTypeNode.SUBSCRIPTION
    const shares = isSubscription ? this.#subscriptions : this.#operations
    const slot = shares.acquire(caller, cancellation)
    if (!(slot instanceof Slot)) throw refusalError(slot, isSubscription, shares.countOf(caller))
    operation.slot = slot
  }
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
