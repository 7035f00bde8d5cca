import { describe, expect, it, vi } from 'vitest'
import { createAccountSource } from '../../../src/live/accountSource.ts'
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

/** `running` is the polled list; `known` holds all individually readable conferences. */
const sourceOf = (server: { running: Conference[]; known: Conference[] }) =>
  createAccountSource(
    {
      runningConferences: async () => server.running,
      conference: async ({ sid }: ConferenceKey) => server.known.find(known => known.sid === sid) ?? null,
    } as Partial<RestcommClient> as RestcommClient,
    ACCOUNT,
  )

describe('the poll of an account source', () => {
  it('a poll of an account reads the final status of a conference that is no longer running', async () => {
    const server = { running: [conference('1'), conference('2')], known: [conference('1', 'COMPLETED')] }
    const source = sourceOf(server)
    const before = await source.poll(null)
    server.running = [conference('2')]
    const after = await source.poll(before)
    expect(after).toEqual({ running: [conference('2')], ended: [conference('1', 'COMPLETED')] })
    expect(source.diff(before, after)).toEqual([conference('1', 'COMPLETED')])
  })

  it('a poll of an account keeps a conference during a temporary "not found" and reports the end later', async () => {
    const server = { running: [conference('1')], known: [] as Conference[] }
    const source = sourceOf(server)
    const before = await source.poll(null)
    server.running = []
    const duringRestart = await source.poll(before)
    expect(source.diff(before, duringRestart)).toEqual([])
    server.known = [conference('1', 'COMPLETED')]
    expect(source.diff(duringRestart, await source.poll(duringRestart))).toEqual([conference('1', 'COMPLETED')])
  })
})

it('the snapshot of an account includes ended conferences', () => {
  const [running, ended] = [[conference('1')], [conference('2', 'COMPLETED')]]
  expect(sourceOf({ running, known: [] }).snapshotEvents({ running, ended })).toEqual([...ended, ...running])
})

describe('the completion of a received account state', () => {
  const known = { running: [conference('1'), conference('2')], ended: [] }

  it('the completion of a received account state keeps a state that lacks no known conference', async () => {
    const source = sourceOf({ running: [], known: [] })
    const ended = { running: [conference('2')], ended: [conference('1', 'FAILED')] }
    expect(await source.complete(known, ended)).toEqual(ended)
    const started = { ...known, running: [...known.running, conference('3')] }
    expect(await source.complete(known, started)).toEqual(started)
  })

  it('the completion of a received account state adds the final status of conferences unknown to the publishing replica', async () => {
    const source = sourceOf({ running: [], known: [conference('1', 'COMPLETED')] })
    const received = { running: [conference('2')], ended: [conference('4', 'FAILED')] }
    const completed = await source.complete(known, received)
    expect(completed).toEqual({
      running: [conference('2')],
      ended: [conference('4', 'FAILED'), conference('1', 'COMPLETED')],
    })
    expect(source.diff(known, completed)).toEqual([conference('1', 'COMPLETED')])
  })

  it('the completion of a received account state keeps the known row of an unreadable conference, and reads the row again later', async () => {
    const conferenceRow = vi.fn((): Promise<Conference> => Promise.reject(new RestcommError('unavailable', 'Away.')))
    const client = { conference: conferenceRow } as Partial<RestcommClient> as RestcommClient
    const source = createAccountSource(client, ACCOUNT)
    const received = { running: [conference('2')], ended: [] }
    const incomplete = await source.complete(known, received)
    expect(incomplete).toEqual({ running: [conference('2'), conference('1')], ended: [] })
    conferenceRow.mockResolvedValue(conference('1', 'COMPLETED'))
    expect((await source.complete(incomplete, received)).ended).toEqual([conference('1', 'COMPLETED')])
  })
})
