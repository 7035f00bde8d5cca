import { describe, expect, it } from 'vitest'
import { AccountSubject } from '../../../src/live/accountSource.ts'
import type { Conference, ConferenceKey, ConferenceStatus } from '../../../src/model.ts'
import type { RestcommClient } from '../../../src/restcomm/client.ts'
import { RestcommError } from '../../../src/restcomm/errors.ts'

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

/** An account of which this runs, and these are found when they are looked up. */
const watching = (server: { running: Conference[]; known: Conference[] }) =>
  new AccountSubject(
    {
      runningConferences: async () => server.running,
      conference: async ({ sid }: ConferenceKey) => server.known.find(known => known.sid === sid) ?? null,
    } as Partial<RestcommClient> as RestcommClient,
    ACCOUNT,
  )

describe('a look at an account', () => {
  it('finds how those that run no more have ended', async () => {
    const server = { running: [conference('1'), conference('2')], known: [conference('1', 'COMPLETED')] }
    const subject = watching(server)
    const before = await subject.look(null)
    server.running = [conference('2')]
    const after = await subject.look(before)
    expect(after).toEqual({ running: [conference('2')], ended: [conference('1', 'COMPLETED')] })
    expect(subject.difference(before, after)).toEqual([conference('1', 'COMPLETED')])
  })

  it('keeps one that the server does not know for a moment, and tells of its end when it does', async () => {
    const server = { running: [conference('1')], known: [] as Conference[] }
    const subject = watching(server)
    const before = await subject.look(null)
    server.running = []
    const meanwhile = await subject.look(before)
    expect(subject.difference(before, meanwhile)).toEqual([])
    server.known = [conference('1', 'COMPLETED')]
    expect(subject.difference(meanwhile, await subject.look(meanwhile))).toEqual([conference('1', 'COMPLETED')])
  })
})

it('tells a slow reader of what has ended as well as of what runs', () => {
  const [running, ended] = [[conference('1')], [conference('2', 'COMPLETED')]]
  expect(watching({ running, known: [] }).resync({ running, ended })).toEqual([...ended, ...running])
})

it('takes an account that was there, and is not, for a server that is being restarted', () => {
  const subject = watching({ running: [], known: [] })
  const isGone = new RestcommError('notFound', 'There is no such account.')
  expect(subject.isLasting(isGone, null)).toBe(true)
  expect(subject.isLasting(isGone, { running: [], ended: [] })).toBe(false)
  expect(subject.isLasting(new RestcommError('forbidden', 'No.'), { running: [], ended: [] })).toBe(true)
})

describe('what another replica tells of an account', () => {
  const known = { running: [conference('1'), conference('2')], ended: [] }

  it('is taken as it is where it leaves nothing out', () => {
    const subject = watching({ running: [], known: [] })
    expect(subject.complete(known, { running: [conference('2')], ended: [conference('1', 'FAILED')] })).toBeNull()
    expect(subject.complete(known, { ...known, running: [...known.running, conference('3')] })).toBeNull()
  })

  it('is completed by how those have ended of which it does not know that they ran', async () => {
    const subject = watching({ running: [], known: [conference('1', 'COMPLETED')] })
    const heard = { running: [conference('2')], ended: [conference('4', 'FAILED')] }
    const completed = await subject.complete(known, heard)
    expect(completed).toEqual({
      state: { running: [conference('2')], ended: [conference('4', 'FAILED'), conference('1', 'COMPLETED')] },
      isWhole: true,
    })
    expect(subject.difference(known, completed?.state ?? heard)).toEqual([conference('1', 'COMPLETED')])
  })

  it('leaves what cannot be looked up as it was, for the next time', async () => {
    const client = { conference: () => Promise.reject(new RestcommError('unavailable', 'Away.')) }
    const subject = new AccountSubject(client as Partial<RestcommClient> as RestcommClient, ACCOUNT)
    expect(await subject.complete(known, { running: [conference('2')], ended: [] })).toEqual({
      state: { running: [conference('2'), conference('1')], ended: [] },
      isWhole: false,
    })
  })
})
