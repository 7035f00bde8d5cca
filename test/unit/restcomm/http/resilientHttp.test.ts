import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CancellationToken } from '../../../../src/restcomm/cancellationToken.ts'
import { RestcommError } from '../../../../src/restcomm/errors.ts'
import { ResilientHttp, RetryBudget } from '../../../../src/restcomm/http/resilientHttp.ts'
import { NOOP_OBSERVER } from '../../../support/noopObserver.ts'

describe('ResilientHttp', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    // The middle of the jitter: each delay is equal to its average.
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  /** Sends a GET to an unreachable server. */
  const sendToUnreachable = () => {
    const sentAt: number[] = []
    const startedAt = performance.now()
    const http = {
      send: async () => {
        sentAt.push(performance.now() - startedAt)
        throw new RestcommError('unavailable', 'Restcomm cannot be reached.')
      },
      resendReads: () => undefined,
      close: async () => undefined,
    }
    const options = {
      connections: 1,
      maxQueued: 0,
      timeoutMs: 4_000,
      commandTimeoutMs: 15_000,
      probe: async () => null,
      observer: NOOP_OBSERVER,
    }
    const cancellation = new CancellationToken()
    const response = new ResilientHttp(http, options).send({
      method: 'GET',
      path: 'Accounts',
      authorization: null,
      resource: 'account',
      credentialHash: 'client',
      clientId: 'client',
      isAccepted: true,
      isKnownAccount: true,
      cancellation,
    })
    return { sentAt, cancellation, outcome: response.catch((error: unknown) => error) }
  }

  it('ResilientHttp waits 20 ms on average before the first retry, and 40 ms before the second', async () => {
    const { sentAt, outcome } = sendToUnreachable()
    await vi.runAllTimersAsync()
    expect(await outcome).toMatchObject({ failure: 'unavailable' })
    expect(sentAt).toEqual([0, 20, 60])
  })

  it('ResilientHttp sends no retry after a cancellation during the wait', async () => {
    const { sentAt, cancellation, outcome } = sendToUnreachable()
    await vi.advanceTimersByTimeAsync(10)
    cancellation.cancel('gone')
    expect(await outcome).toBe('gone')
    expect(vi.getTimerCount()).toBe(0)
    expect(sentAt).toEqual([0])
  })
})

it.each([
  ['timedOut', 'timeout'],
  ['deadlineExceeded', 'timeout'],
  ['cancelled', 'cancelled'],
  ['unavailable', 'unreachable'],
  ['malformed', 'malformed'],
] as const)('ResilientHttp counts a request that fails with %s as %s', async (failure, expected) => {
  const outcomes: string[] = []
  const http = {
    send: async () => {
      throw new RestcommError(failure, 'Failed.')
    },
    resendReads: () => undefined,
    close: async () => undefined,
  }
  const resilientHttp = new ResilientHttp(http, {
    connections: 1,
    maxQueued: 0,
    timeoutMs: 4_000,
    commandTimeoutMs: 15_000,
    probe: async () => null,
    observer: { ...NOOP_OBSERVER, requestEnded: (_resource, outcome) => outcomes.push(outcome) },
  })
  const request = {
    method: 'POST',
    path: 'Accounts',
    authorization: null,
    resource: 'account',
    credentialHash: 'client',
    clientId: 'client',
    isAccepted: true,
    isKnownAccount: true,
  } as const
  await expect(resilientHttp.send(request)).rejects.toThrow('Failed.')
  expect(outcomes).toEqual([expected])
})

describe('RetryBudget', () => {
  it('RetryBudget limits retries to the share of the requests plus the initial tokens', () => {
    const options = fc.record({
      depositPerRequest: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      initialTokens: fc.nat(5),
    })
    fc.assert(
      fc.property(options, fc.array(fc.boolean(), { maxLength: 2_000 }), (options, steps) => {
        const budget = new RetryBudget(options.depositPerRequest, options.initialTokens)
        let requests = 0
        let retries = 0
        for (const isRequest of steps) {
          if (isRequest) {
            budget.deposit()
            requests++
          } else if (budget.tryWithdraw()) {
            retries++
          }
          expect(retries).toBeLessThanOrEqual(options.initialTokens + options.depositPerRequest * requests + 1e-6)
        }
      }),
    )
  })

  it('RetryBudget allows as many retries as were deposited', () => {
    const budget = new RetryBudget(0.25, 0)
    for (let i = 0; i < 8; i++) budget.deposit()
    expect([budget.tryWithdraw(), budget.tryWithdraw(), budget.tryWithdraw()]).toEqual([true, true, false])
  })

  it('RetryBudget saves at most 50 tokens', () => {
    const budget = new RetryBudget(1, 0)
    for (let i = 0; i < 100_000; i++) budget.deposit()
    let retries = 0
    while (budget.tryWithdraw()) retries++
    expect(retries).toBe(50)
  })
})
