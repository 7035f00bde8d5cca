import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LEASE_MS, type StateMessage, type StoredState } from '../../../src/live/replicaExchange.ts'
import { ReplicatedPoller } from '../../../src/live/replicatedPoller.ts'
import { RestcommError } from '../../../src/restcomm/errors.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const INTERVAL_MS = 1_000
/** From a state until a follower polls on its own. */
const OVERDUE_MS = INTERVAL_MS + LEASE_MS
const unavailable = new RestcommError('unavailable', 'Restcomm is unavailable.')
const revoked = new RestcommError('unauthenticated', 'The credentials were rejected.')

function stateMessage(state: string, version: number, startedAfter = version - 1): StateMessage {
  return { kind: 'state', version, startedAfter, nextPollMs: INTERVAL_MS, state }
}

/** A replica whose Redis replies are set by the test. */
function createReplica() {
  const source = {
    poll: vi.fn(async (_previous: string | null) => 'polled'),
    accepts: (_state: unknown): _state is string => true,
    complete: vi.fn(async (_known: string | null, received: string) => received),
    isFinished: (state: string) => state === 'ended',
  }
  const listener = {
    state: null as string | null,
    onState: vi.fn((state: string, _before: string | null) => {
      listener.state = state
      return true
    }),
    onError: vi.fn(),
  }
  const membership = {
    time: vi.fn(() => 10),
    publish: vi.fn(async (): Promise<number | 'rejected' | 'failed'> => 100),
    readStored: vi.fn(async (): Promise<StoredState | null> => null),
    requestPoll: vi.fn(async (): Promise<number | null> => null),
    releaseLease: vi.fn(),
    leave: vi.fn(),
  }
  const poller = new ReplicatedPoller<string>(source, listener, INTERVAL_MS, () => membership)
  return { source, listener, membership, poller }
}

/** A follower with the state `first` of version 20. */
async function createFollower() {
  const replica = createReplica()
  replica.poller.onLease('heldByOther')
  replica.poller.onState(stateMessage('first', 20))
  await vi.advanceTimersByTimeAsync(0)
  expect(replica.listener.state).toBe('first')
  replica.membership.requestPoll.mockClear()
  return replica
}

/** A follower that has polled on its own, because the announced poll was overdue. */
async function createOverdueFollower() {
  const replica = await createFollower()
  await vi.advanceTimersByTimeAsync(OVERDUE_MS)
  expect(replica.listener.state).toBe('polled')
  return replica
}

describe('a leader', () => {
  it('a leader polls when the lease is granted, and publishes the Redis time known before the poll', async () => {
    const { poller, listener, membership } = createReplica()
    poller.onLease('held')
    membership.time.mockReturnValue(11)
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.state).toBe('polled')
    expect(membership.publish).toHaveBeenCalledWith(
      expect.objectContaining({ startedAfter: 10, state: 'polled', nextPollMs: INTERVAL_MS }),
    )
    poller.stop()
    expect(membership.leave).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('a leader polls immediately on request, and a follower does not', async () => {
    const { poller, source } = createReplica()
    poller.onLease('heldByOther')
    poller.onPollNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(source.poll).not.toHaveBeenCalled()
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(0)
    poller.onPollNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(source.poll).toHaveBeenCalledTimes(2)
    poller.stop()
  })

  it('a leader that cannot reach Restcomm releases the lease, and may not lead before a poll succeeds', async () => {
    const { poller, source, membership, listener } = createReplica()
    source.poll.mockRejectedValue(unavailable)
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(0)
    expect(membership.releaseLease).toHaveBeenCalledOnce()
    expect(listener.onError).toHaveBeenCalledWith(unavailable, false)
    expect(poller.canLead).toBe(false)
    // The reply to a claim sent before the release.
    poller.onLease('held')
    source.poll.mockResolvedValue('recovered')
    await vi.advanceTimersByTimeAsync(1_100)
    expect([listener.state, membership.publish.mock.calls.length, poller.canLead]).toEqual(['recovered', 0, true])
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(1_400)
    expect(membership.publish).toHaveBeenCalled()
    poller.stop()
  })

  it('a leader keeps the lease and reports no error if the repetition of a refused poll succeeds', async () => {
    const { poller, source, membership, listener } = createReplica()
    source.poll.mockRejectedValueOnce(revoked)
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(0)
    expect([listener.state, source.poll.mock.calls.length]).toEqual(['polled', 2])
    expect(membership.publish).toHaveBeenCalledOnce()
    expect(membership.releaseLease).not.toHaveBeenCalled()
    expect(listener.onError).not.toHaveBeenCalled()
    poller.stop()
  })

  it('a leader reports a temporary error if the repetition of a refused poll fails for another reason', async () => {
    const { poller, source, listener } = createReplica()
    source.poll.mockRejectedValueOnce(revoked).mockRejectedValueOnce(unavailable)
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.onError).toHaveBeenCalledExactlyOnceWith(unavailable, false)
    poller.stop()
  })

  it('a replica whose poll has failed may lead again after a state of another replica', async () => {
    const { poller, source } = createReplica()
    source.poll.mockRejectedValue(unavailable)
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(poller.canLead).toBe(false)
    poller.onState(stateMessage('of another replica', 20))
    await vi.advanceTimersByTimeAsync(0)
    expect(poller.canLead).toBe(true)
    poller.stop()
  })

  it('the delay between the polls of a replica without access to Restcomm grows to ten seconds', async () => {
    const { poller, source } = createReplica()
    source.poll.mockRejectedValue(unavailable)
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(60_000)
    const polls = source.poll.mock.calls.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(source.poll.mock.calls.length - polls).toBeLessThanOrEqual(7)
    poller.stop()
  })

  it('a leader that cannot publish releases the lease and polls on', async () => {
    const { poller, source, membership } = createReplica()
    membership.publish.mockResolvedValue('failed')
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(5_000)
    expect(membership.releaseLease).toHaveBeenCalledOnce()
    expect(source.poll.mock.calls.length).toBeGreaterThan(2)
    poller.stop()
  })

  it('a leader whose state was rejected follows, and asks the new leader for a poll', async () => {
    const { poller, source, membership } = createReplica()
    membership.publish.mockResolvedValue('rejected')
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(500)
    expect(membership.requestPoll).toHaveBeenCalledOnce()
    expect(source.poll).toHaveBeenCalledOnce()
    poller.stop()
  })

  it('a leader with a permanent error releases the lease, so that the other replicas receive the error as well', async () => {
    const { poller, source, membership, listener } = createReplica()
    source.poll.mockRejectedValue(revoked)
    poller.onLease('held')
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.onError).toHaveBeenCalledWith(revoked, true)
    expect(membership.releaseLease).toHaveBeenCalledOnce()
    poller.stop()
  })
})

describe('a follower', () => {
  it('a follower applies newer states and ignores older and repeated states', async () => {
    const { poller, listener } = await createFollower()
    poller.onState(stateMessage('second', 30))
    poller.onState(stateMessage('second', 30))
    poller.onState(stateMessage('before second', 25))
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.onState.mock.calls).toEqual([
      ['first', null],
      ['second', 'first'],
    ])
    poller.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('a follower asks for a poll if a newer state may come from a poll that began before the own state', async () => {
    const { poller, listener, membership } = await createFollower()
    poller.onState(stateMessage('late', 30, 15))
    await vi.advanceTimersByTimeAsync(0)
    expect([listener.state, membership.requestPoll.mock.calls.length]).toEqual(['first', 1])
    poller.onState(stateMessage('second', 40, 20))
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.state).toBe('second')
    poller.stop()
  })

  it('a follower polls on its own when the announced poll is overdue by the lease time, and until news arrives', async () => {
    const { poller, source, membership } = await createFollower()
    await vi.advanceTimersByTimeAsync(OVERDUE_MS - 100)
    expect(source.poll).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(3_000)
    const polls = source.poll.mock.calls.length
    expect(polls).toBeGreaterThan(1)
    poller.onState(stateMessage('news', 70, 40))
    await vi.advanceTimersByTimeAsync(OVERDUE_MS - 100)
    expect(source.poll).toHaveBeenCalledTimes(polls)
    expect(membership.requestPoll).toHaveBeenCalledOnce()
    poller.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('after an own poll, a replica applies only states whose polls began after the own poll', async () => {
    const { poller, listener, membership } = await createOverdueFollower()
    membership.requestPoll.mockResolvedValue(100)
    poller.onState(stateMessage('first newer', 60, 40))
    await vi.advanceTimersByTimeAsync(0)
    expect(membership.requestPoll).toHaveBeenCalledOnce()
    poller.onState(stateMessage('may have begun before the own poll ended', 110, 99))
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.state).toBe('polled')
    poller.onState(stateMessage('began later', 120, 100))
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.state).toBe('began later')
    poller.stop()
  })

  it('a state received during an own poll replaces the result of the own poll', async () => {
    const { poller, listener, source, membership } = await createOverdueFollower()
    membership.requestPoll.mockResolvedValue(100)
    const slow = Promise.withResolvers<string>()
    source.poll.mockReturnValueOnce(slow.promise)
    await vi.advanceTimersByTimeAsync(1_500)
    poller.onState(stateMessage('dropped', 60, 40))
    poller.onState(stateMessage('received', 120, 110))
    await vi.advanceTimersByTimeAsync(0)
    slow.resolve('older')
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.state).toBe('received')
    poller.stop()
  })

  it('a follower confirms a received end with an own poll, and follows again if the end was forged', async () => {
    const { poller, listener, membership } = await createFollower()
    membership.requestPoll.mockResolvedValue(50)
    poller.onState(stateMessage('ended', 30))
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.state).toBe('polled')
    poller.onState(stateMessage('of the leader', 40))
    await vi.advanceTimersByTimeAsync(0)
    poller.onState(stateMessage('of the next poll', 60, 50))
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.onState.mock.calls.map(([state]) => state)).toEqual(['first', 'polled', 'of the next poll'])
    poller.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('an own poll that ends while the rows of a received state are read replaces the received state', async () => {
    const { poller, listener, source } = await createFollower()
    const rows = Promise.withResolvers<string>()
    source.complete.mockReturnValueOnce(rows.promise)
    poller.onState(stateMessage('second', 30))
    await vi.advanceTimersByTimeAsync(OVERDUE_MS)
    expect(listener.state).toBe('polled')
    rows.resolve('second with rows')
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.state).toBe('polled')
    poller.stop()
  })

  it('a follower polls again after an own poll ends while the stored state is read', async () => {
    const { poller, listener, source, membership } = createReplica()
    const slow = Promise.withResolvers<string>()
    source.poll.mockReturnValueOnce(slow.promise)
    poller.onLease('held')
    poller.onLease('unavailable')
    poller.onLease('held')
    // The lease passes to another replica, which publishes nothing.
    poller.onLease('heldByOther')
    await vi.advanceTimersByTimeAsync(0)
    const stored = Promise.withResolvers<null>()
    membership.readStored.mockReturnValueOnce(stored.promise)
    await vi.advanceTimersByTimeAsync(1_000)
    slow.resolve('slow')
    await vi.advanceTimersByTimeAsync(0)
    stored.resolve(null)
    await vi.advanceTimersByTimeAsync(0)
    expect([listener.state, source.poll.mock.calls.length]).toEqual(['slow', 1])
    await vi.advanceTimersByTimeAsync(LEASE_MS)
    expect(source.poll).toHaveBeenCalledTimes(2)
    poller.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('a follower uses a stored state that is not overdue instead of polling', async () => {
    const { poller, listener, source, membership } = await createFollower()
    membership.readStored.mockResolvedValue({ message: stateMessage('stored', 4_000), ageMs: 1 })
    await vi.advanceTimersByTimeAsync(OVERDUE_MS)
    expect([listener.state, source.poll.mock.calls.length]).toEqual(['stored', 0])
    // The same state again, not overdue for one more second.
    membership.readStored.mockResolvedValue({ message: stateMessage('stored', 4_000), ageMs: 3_000 })
    await vi.advanceTimersByTimeAsync(OVERDUE_MS)
    expect(source.poll).not.toHaveBeenCalled()
    membership.readStored.mockResolvedValue({ message: stateMessage('stored', 4_000), ageMs: 5_096 })
    await vi.advanceTimersByTimeAsync(2_100)
    expect(source.poll).toHaveBeenCalled()
    poller.stop()
  })

  it('a follower polls at once if Redis is unavailable, and ignores failed polls of its own while following', async () => {
    const { poller, listener, source, membership } = await createFollower()
    source.poll.mockRejectedValue(unavailable)
    poller.onLease('unavailable')
    await vi.advanceTimersByTimeAsync(0)
    expect(listener.onError).toHaveBeenCalledWith(unavailable, false)
    const slow = Promise.withResolvers<string>()
    source.poll.mockReturnValueOnce(slow.promise)
    await vi.advanceTimersByTimeAsync(1_500)
    poller.onState(stateMessage('second', 30))
    await vi.advanceTimersByTimeAsync(0)
    slow.reject(unavailable)
    await vi.advanceTimersByTimeAsync(0)
    expect([listener.state, listener.onError.mock.calls.length]).toEqual(['second', 1])
    expect(membership.releaseLease).not.toHaveBeenCalled()
    poller.stop()
  })

  it('a follower reads the stored state after a reconnect', async () => {
    const { poller, listener, membership } = await createFollower()
    membership.readStored.mockResolvedValue({ message: stateMessage('missed', 4_000), ageMs: 1 })
    poller.onReconnect()
    await vi.advanceTimersByTimeAsync(0)
    expect([listener.state, membership.requestPoll.mock.calls.length]).toEqual(['missed', 0])
    poller.stop()
  })
})

describe('a new subscriber', () => {
  it('a new follower uses the stored state if at most one interval old', async () => {
    for (const { ageMs, state } of [
      { ageMs: 1_000, state: 'stored' },
      { ageMs: 1_001, state: null },
    ]) {
      const { poller, listener, membership } = createReplica()
      membership.readStored.mockResolvedValue({ message: stateMessage('stored', 1_000), ageMs })
      poller.onLease('heldByOther')
      await vi.advanceTimersByTimeAsync(0)
      expect(listener.state).toBe(state)
      expect(membership.requestPoll).toHaveBeenCalledTimes(state === null ? 1 : 0)
      poller.stop()
    }
  })

  it('a new follower polls on its own if no state arrives within a second', async () => {
    const { poller, listener } = createReplica()
    poller.onLease('heldByOther')
    await vi.advanceTimersByTimeAsync(900)
    expect(listener.state).toBeNull()
    await vi.advanceTimersByTimeAsync(100)
    expect(listener.state).toBe('polled')
    poller.stop()
  })

  it('subscribers who arrive one after the other share one request for a poll, and wait at most a second', async () => {
    const { poller, membership, listener } = await createFollower()
    await vi.advanceTimersByTimeAsync(1_500)
    const refreshed = vi.fn()
    for (let i = 0; i < 9; i++) {
      void poller.refresh().then(refreshed)
      await vi.advanceTimersByTimeAsync(100)
    }
    expect([membership.requestPoll.mock.calls.length, refreshed.mock.calls.length]).toEqual([1, 0])
    await vi.advanceTimersByTimeAsync(200)
    expect([listener.state, refreshed.mock.calls.length]).toEqual(['polled', 9])
    poller.stop()
  })

  it('subscribers who wait for a poll continue when the poller stops', async () => {
    const { poller } = await createFollower()
    await vi.advanceTimersByTimeAsync(1_500)
    const refreshed = poller.refresh()
    poller.stop()
    await refreshed
  })
})

it('a replica without Redis polls once per interval, although each claim fails', async () => {
  const { poller, source, listener } = createReplica()
  listener.onState.mockReturnValue(true)
  for (let i = 0; i < 100; i++) {
    poller.onLease('unavailable')
    await vi.advanceTimersByTimeAsync(100)
  }
  // Each delay varies by 10 %.
  expect(source.poll.mock.calls.length).toBeGreaterThan(8)
  expect(source.poll.mock.calls.length).toBeLessThan(13)
  poller.stop()
})
