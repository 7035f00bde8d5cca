import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createAccountSource } from '../../../src/live/accountSource.ts'
import type { AccountEvent } from '../../../src/live/events.ts'
import { SharedWatch } from '../../../src/live/sharedWatch.ts'
import {
  type Conference,
  type ConferenceKey,
  type ConferenceStatus,
  isConferenceOver,
  isReadable,
} from '../../../src/model.ts'
import type { RestcommClient } from '../../../src/restcomm/client.ts'
import { DecodingError, RestcommError } from '../../../src/restcomm/errors.ts'

const ACCOUNT = `AC${'a'.repeat(32)}`

const conference = (digit: string, status: ConferenceStatus = 'RUNNING_MODERATOR_PRESENT'): Conference => ({
  sid: `CF${digit.repeat(32)}`,
  accountSid: ACCOUNT,
  friendlyName: null,
  status,
  statusText: status,
  apiVersion: '2012-04-24',
  dateCreated: '2026-11-01T10:00:00+00:00',
  dateUpdated: '2026-11-01T10:00:00+00:00',
  uri: `/conferences/${digit}`,
})

/** `running` is the polled list; `known` holds all individually readable conferences. */
const sourceOf = (server: { running: (Conference | DecodingError)[]; known: Conference[] }) =>
  createAccountSource(
    () =>
      ({
        runningConferences: async () => server.running,
        conference: async ({ sid }: ConferenceKey) => server.known.find(known => known.sid === sid) ?? null,
      }) as Partial<RestcommClient> as RestcommClient,
    ACCOUNT,
  )

const started = (row: Conference): AccountEvent => ({ __typename: 'ConferenceStarted', conference: row })
const ended = (row: Conference): AccountEvent => ({ __typename: 'ConferenceEnded', conference: row })

describe('the poll of an account source', () => {
  it('a poll of an account reads the final status of a conference that is no longer running', async () => {
    const server = { running: [conference('1'), conference('2')], known: [conference('1', 'COMPLETED')] }
    const source = sourceOf(server)
    const before = await source.poll(null)
    server.running = [conference('2')]
    const after = await source.poll(before)
    expect(after).toEqual([conference('1', 'COMPLETED'), conference('2')])
    expect(source.diff(before, after)).toEqual([ended(conference('1', 'COMPLETED'))])
  })

  it('a poll of an account forgets the conferences that ended before the previous poll', async () => {
    const source = sourceOf({ running: [], known: [] })
    expect(await source.poll([conference('1', 'COMPLETED')])).toEqual([])
  })

  it('a poll of an account keeps a conference during a temporary "not found" and reports the end later', async () => {
    const server = { running: [conference('1')], known: [] as Conference[] }
    const source = sourceOf(server)
    const before = await source.poll(null)
    server.running = []
    const duringRestart = await source.poll(before)
    expect(source.diff(before, duringRestart)).toEqual([])
    server.known = [conference('1', 'COMPLETED')]
    const after = await source.poll(duringRestart)
    expect(source.diff(duringRestart, after)).toEqual([ended(conference('1', 'COMPLETED'))])
  })
})

describe('the events of an account source', () => {
  it('the events between two account states report an end, a start and a status change, with the previous status', () => {
    const { diff } = sourceOf({ running: [], known: [] })
    const before = [conference('1'), conference('2'), conference('4', 'COMPLETED')]
    const after = [conference('1', 'FAILED'), conference('2', 'STOPPING'), conference('3')]
    expect(diff(before, after)).toEqual([
      ended(conference('1', 'FAILED')),
      {
        __typename: 'ConferenceChanged',
        conference: conference('2', 'STOPPING'),
        previousStatus: 'RUNNING_MODERATOR_PRESENT',
      },
      started(conference('3')),
    ])
    expect(diff(after, after)).toEqual([])
  })

  it('the snapshot of an account lists the running conferences only', () => {
    const running = [conference('1')]
    const snapshot = sourceOf({ running, known: [] }).snapshot([conference('2', 'COMPLETED'), ...running])
    expect(snapshot).toEqual({ __typename: 'AccountSnapshot', runningConferences: running })
  })
})

describe('a row without a valid identity in an account source', () => {
  const badRow = new DecodingError('Restcomm returned a conference with an invalid `sid`.', '-row')
  /** The same row in a state, where equal ids are numbered. */
  const numbered = (count: number) => new DecodingError(badRow.message, `-row-${count}`)

  it('a row without a valid identity is an element of the snapshot, and causes no event', async () => {
    const server: Parameters<typeof sourceOf>[0] = { running: [badRow, conference('2')], known: [] }
    const source = sourceOf(server)
    const before = await source.poll(null)
    expect(source.snapshot(before)).toMatchObject({ runningConferences: [numbered(0), conference('2')] })
    server.running = [badRow, conference('2'), conference('3')]
    const after = await source.poll(before)
    expect(source.diff(before, after)).toEqual([started(conference('3'))])
  })

  it('several rows without a valid identity are elements of their own, although their ids are equal', async () => {
    const source = sourceOf({ running: [badRow, conference('2'), badRow], known: [] })
    const snapshot = source.snapshot(await source.poll(null))
    expect(snapshot).toMatchObject({ runningConferences: [numbered(0), conference('2'), numbered(1)] })
  })

  it('a row without a valid identity is not reported as started when readable again, if the conference was known', async () => {
    const server: Parameters<typeof sourceOf>[0] = { running: [conference('1')], known: [conference('1')] }
    const source = sourceOf(server)
    const before = await source.poll(null)
    server.running = [badRow]
    const during = await source.poll(before)
    expect(source.diff(before, during)).toEqual([])
    server.running = [conference('1')]
    expect(source.diff(during, await source.poll(during))).toEqual([])
  })

  it('a conference without a valid identity in its own row is reported as ended, with an error as the final status', async () => {
    const client = { runningConferences: async () => [], conference: () => Promise.reject(badRow) }
    const source = createAccountSource(() => client as Partial<RestcommClient> as RestcommClient, ACCOUNT)
    const before = [conference('1')]
    const after = await source.poll(before)
    expect(source.snapshot(after)).toMatchObject({ runningConferences: [] })
    const error = expect.any(DecodingError)
    expect(source.diff(before, after)).toEqual([
      {
        __typename: 'ConferenceEnded',
        conference: { ...conference('1'), status: error, statusText: error, dateUpdated: error },
      },
    ])
    expect(source.diff(after, await source.poll(after))).toEqual([])
  })

  it('a conference without a valid identity in its own row stays running if the list contains such a row', async () => {
    const client = { runningConferences: async () => [badRow], conference: () => Promise.reject(badRow) }
    const source = createAccountSource(() => client as Partial<RestcommClient> as RestcommClient, ACCOUNT)
    const before = [conference('1')]
    const after = await source.poll(before)
    expect(source.diff(before, after)).toEqual([])
    expect(source.snapshot(after)).toMatchObject({ runningConferences: [conference('1'), numbered(0)] })
  })
})

const RUNNING = ['RUNNING_INITIALIZING', 'RUNNING_MODERATOR_ABSENT', 'RUNNING_MODERATOR_PRESENT', 'STOPPING'] as const
const ENDED = ['COMPLETED', 'FAILED'] as const
/** The statuses of the conferences 0 to 9 by conference, at a poll. A conference that has ended stays ended. */
const changes = fc.array(
  fc.dictionary(fc.constantFrom(...'0123456789'), fc.constantFrom<ConferenceStatus>(...RUNNING, ...ENDED)),
  { minLength: 1, maxLength: 12 },
)

/** The conferences of an account, for a source and for comparison with the replayed events. */
class FakeAccount {
  readonly running: Conference[] = []
  readonly known: Conference[] = []

  apply(statuses: Readonly<Record<string, ConferenceStatus>>) {
    for (const [digit, status] of Object.entries(statuses)) {
      const row = conference(digit, status)
      const index = this.known.findIndex(({ sid }) => sid === row.sid)
      if (index < 0) this.known.push(row)
      else if (!isConferenceOver(this.known[index] ?? row)) this.known[index] = row
    }
    this.running.splice(0, this.running.length, ...this.known.filter(row => !isConferenceOver(row)))
  }

  get statuses() {
    return new Map(this.running.map(({ sid, status }) => [sid, status]))
  }
}

/** State of a client after an event. Fails for an event that does not fit the state. */
function replay(client: Map<string, Conference['status']>, event: AccountEvent): void {
  if (event.__typename === 'AccountSnapshot') {
    client.clear()
    for (const { sid, status } of event.runningConferences.filter(isReadable)) client.set(sid, status)
    return
  }
  const { sid, status } = event.conference
  expect(client.has(sid)).toBe(event.__typename !== 'ConferenceStarted')
  expect(isConferenceOver(event.conference)).toBe(event.__typename === 'ConferenceEnded')
  if (event.__typename === 'ConferenceChanged') expect(client.get(sid)).toBe(event.previousStatus)
  if (event.__typename === 'ConferenceEnded') client.delete(sid)
  else client.set(sid, status)
}

describe('the replay of account events', () => {
  it('the replay of account events on the snapshot leads to the running conferences, also for a replica that misses states', async () => {
    await fc.assert(
      fc.asyncProperty(changes, fc.infiniteStream(fc.boolean()), async (steps, isReceived) => {
        const account = new FakeAccount()
        const source = sourceOf(account)
        let polled = await source.poll(null)
        let received = polled
        const [leader, follower] = [new Map<string, Conference['status']>(), new Map<string, ConferenceStatus>()]
        for (const client of [leader, follower]) replay(client, source.snapshot(polled))
        for (const step of steps) {
          account.apply(step)
          const before = polled
          polled = await source.poll(before)
          for (const event of source.diff(before, polled)) replay(leader, event)
          expect(leader).toEqual(account.statuses)
          if (!isReceived.next().value) continue
          const completed = await source.complete(received, polled)
          for (const event of source.diff(received, completed)) replay(follower, event)
          received = completed
          expect(follower).toEqual(account.statuses)
        }
      }),
    )
  })

  it('the replay of account events leads each subscriber of a watch to the running conferences, whenever the subscriber joins or overflows', async () => {
    await fc.assert(
      fc.asyncProperty(changes, async steps => {
        const account = new FakeAccount()
        const options = { intervalMs: 1_000_000, graceMs: 0, maxQueuedEvents: 8 }
        const watch = new SharedWatch(
          () => sourceOf(account),
          options,
          () => undefined,
        )
        const queues = [await watch.subscribe()]
        for (const step of steps) {
          account.apply(step)
          watch.pollNow()
          // The poll needs no I/O, so it ends before the next tick.
          await new Promise(setImmediate)
          queues.push(await watch.subscribe())
        }
        watch.close()
        for (const queue of queues) {
          const client = new Map<string, Conference['status']>()
          let isFirst = true
          for await (const event of queue) {
            if (event instanceof Error) throw event
            if (isFirst) expect(event.__typename).toBe('AccountSnapshot')
            isFirst = false
            replay(client, event)
          }
          expect(isFirst).toBe(false)
          expect(client).toEqual(account.statuses)
        }
      }),
    )
  })
})

describe('the completion of a received account state', () => {
  const known = [conference('1'), conference('2')]

  it('the completion of a received account state keeps a state that lacks no known conference', async () => {
    const source = sourceOf({ running: [], known: [] })
    const withEnd = [conference('1', 'FAILED'), conference('2')]
    expect(await source.complete(known, withEnd)).toEqual(withEnd)
    const withStart = [...known, conference('3')]
    expect(await source.complete(known, withStart)).toEqual(withStart)
  })

  it('the completion of a received account state adds the final status of conferences unknown to the publishing replica', async () => {
    const source = sourceOf({ running: [], known: [conference('1', 'COMPLETED')] })
    const received = [conference('4', 'FAILED'), conference('2')]
    const completed = await source.complete(known, received)
    expect(completed).toEqual([conference('1', 'COMPLETED'), ...received])
    expect(source.diff(known, completed)).toEqual([ended(conference('1', 'COMPLETED'))])
  })

  it('the completion of a received account state keeps the known row of an unreadable conference, and reads the row again later', async () => {
    const conferenceRow = vi.fn((): Promise<Conference> => Promise.reject(new RestcommError('unavailable', 'Away.')))
    const client = { conference: conferenceRow } as Partial<RestcommClient> as RestcommClient
    const source = createAccountSource(() => client, ACCOUNT)
    const received = [conference('2')]
    const incomplete = await source.complete(known, received)
    expect(incomplete).toEqual([conference('1'), conference('2')])
    conferenceRow.mockResolvedValue(conference('1', 'COMPLETED'))
    expect(await source.complete(incomplete, received)).toEqual([conference('1', 'COMPLETED'), conference('2')])
  })
})
