import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import {
  LEASE_MS,
  type Member,
  type Membership,
  type PolledState,
  type StateMessage,
} from '../../../src/live/replicaExchange.ts'
import { ReplicatedPoller } from '../../../src/live/replicatedPoller.ts'
import { ModelRedis } from '../../support/modelRedis.ts'
import { Prng } from '../../support/prng.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const INTERVAL_MS = 500
const SIMULATED_MS = 30_000
const QUIET_MS = 30_000

interface State {
  readonly n: number
}

type Fault = 'redisDown' | 'flushAll' | 'frozen' | 'restcommDown' | 'restcommSlow' | 'messagesLost'

interface Scenario {
  readonly seed: number
  readonly maxLatencyMs: number
  readonly faults: readonly {
    readonly kind: Fault
    readonly replica: number
    readonly startMs: number
    readonly durationMs: number
  }[]
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer(),
  maxLatencyMs: fc.constantFrom(5, 300, 1_500),
  faults: fc.array(
    fc.record({
      kind: fc.constantFrom<Fault>('redisDown', 'flushAll', 'frozen', 'restcommDown', 'restcommSlow', 'messagesLost'),
      replica: fc.nat(1),
      startMs: fc.nat(SIMULATED_MS),
      durationMs: fc.nat(10_000),
    }),
    { maxLength: 6 },
  ),
})

/** Two replicas with a common Redis and a resource whose state is a growing number. All messages have random delays. */
function simulate({ seed, maxLatencyMs, faults }: Scenario) {
  const prng = new Prng(seed)
  const random = () => prng.integerBelow(1_000) / 1_000
  const startMs = performance.now()
  const nowMs = () => performance.now() - startMs
  const delay = (maxMs: number) => new Promise<void>(resolve => setTimeout(resolve, random() * maxMs))
  const hasFault = (kind: Fault, replica: number) =>
    faults.some(fault => {
      const sinceMs = nowMs() - fault.startMs
      return fault.kind === kind && fault.replica === replica && sinceMs >= 0 && sinceMs < fault.durationMs
    })
  const isRedisDown = () => hasFault('redisDown', 0) || hasFault('redisDown', 1)
  const redis = new ModelRedis(() => Math.round(1_000 * (1_000_000 + performance.now())))
  for (const { kind, startMs } of faults) if (kind === 'flushAll') setTimeout(() => redis.flushAll(), startMs)

  let truth = 0
  const change = () => {
    truth++
    if (nowMs() < SIMULATED_MS) setTimeout(change, 400 * random())
  }
  change()

  const replicas = [0, 1].map(index => createReplica(index))
  type Replica = ReturnType<typeof createReplica>
  const send = (deliver: (replica: Replica) => void) => {
    for (const replica of replicas) {
      void replica.receive().then(() => {
        if (!hasFault('messagesLost', replica.index)) deliver(replica)
      })
    }
  }

  function createReplica(index: number) {
    const name = `replica ${index}`
    const applied: number[] = []
    let isStopped = false
    let time = 0
    let member: Member | null = null
    const untilUnfrozen = async () => {
      while (hasFault('frozen', index)) await delay(50)
    }
    const receive = async () => {
      await delay(maxLatencyMs)
      await untilUnfrozen()
    }
    const call = async <T>(execute: () => T): Promise<T> => {
      await untilUnfrozen()
      await delay(maxLatencyMs)
      if (isRedisDown()) throw new Error('Redis is unavailable.')
      const reply = execute()
      await receive()
      return reply
    }
    const claim = async () => {
      if (member?.canLead === false) return
      try {
        const reply = await call(() => redis.claim(name, LEASE_MS))
        time = reply.time
        member?.onLease(reply.isHeld ? 'held' : 'heldByOther')
      } catch {
        member?.onLease('unavailable')
      }
    }
    const renew = async () => {
      await claim()
      if (!isStopped) setTimeout(renew, 1_000)
    }
    const ignore = () => undefined
    const membership: Membership = {
      time: () => time,
      publish: ({ startedAfter, nextPollMs, state }: PolledState) =>
        call(() => {
          const message = redis.publish(name, LEASE_MS, { startedAfter, nextPollMs, state })
          if (message === null) return 'rejected' as const
          send(replica => replica.onState(message))
          return message.version
        }).catch(() => 'failed' as const),
      readStored: () =>
        call(() => {
          const { time, message } = redis.readStored()
          return message && { message, ageMs: (time - message.startedAfter) / 1_000 }
        }).catch(() => null),
      requestPoll: () =>
        call(() => {
          const { time } = redis.requestPoll()
          send(replica => replica.onPollNow(time))
          return time
        }).catch(() => null),
      releaseLease: () => {
        call(() => {
          if (redis.release(name)) send(replica => replica.index !== index && replica.claim())
        }).catch(ignore)
      },
      leave: ignore,
    }
    const source = {
      poll: async () => {
        const isFailing = hasFault('restcommDown', index)
        const maxMs = hasFault('restcommSlow', index) ? 6_000 : prng.pick([20, 20, 2_000])
        await delay(maxMs)
        const n = truth
        await delay(maxMs)
        await untilUnfrozen()
        if (isFailing) throw new Error('Restcomm is unavailable.')
        return { n }
      },
      accepts: (_state: unknown): _state is State => true,
      isFinished: () => false,
      complete: (_known: State | null, received: State) => received,
    }
    const listener = {
      onState: (state: State, before: State | null) => {
        applied.push(state.n)
        return state.n !== before?.n
      },
      onError: ignore,
    }
    const join = (joined: Member) => {
      member = joined
      setTimeout(renew, 0)
      return membership
    }
    const poller = new ReplicatedPoller<State>(source, listener, INTERVAL_MS, join)
    return {
      index,
      applied,
      receive,
      claim: () => void claim(),
      onState: (message: StateMessage) => {
        time = Math.max(time, message.version)
        poller.onState(message)
      },
      onPollNow: (requestTime: number) => {
        time = Math.max(time, requestTime)
        poller.onPollNow()
      },
      stop: () => {
        isStopped = true
        poller.stop()
      },
    }
  }
  return { replicas, truth: () => truth }
}

it('two replicas never apply an older state after a newer state, and both arrive at the newest state', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async scenario => {
      const { replicas, truth } = simulate(scenario)
      await vi.advanceTimersByTimeAsync(SIMULATED_MS + QUIET_MS)
      for (const { stop } of replicas) stop()
      for (const { applied } of replicas) {
        expect(applied).toEqual(applied.toSorted((a, b) => a - b))
        expect(applied.at(-1)).toBe(truth())
      }
      await vi.advanceTimersByTimeAsync(30_000)
    }),
    { numRuns: 50 },
  )
})
