import { createClient } from 'graphql-sse'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { InterceptedRequest } from '../../../src/sandbox/index.ts'
import { ACCOUNT_EVENTS, type AccountStreamEvent } from '../../support/accountEvents.ts'
import { ConferenceStream } from '../../support/conferenceStream.ts'
import { accountOf, basic, startGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { waitUntil } from '../../support/waitUntil.ts'

const account = accountOf('part').sid

/** The status in the query of a list of conferences. */
function statusOf(path: string): string | undefined {
  return /Status=([A-Z]+)/.exec(path)?.[1]
}

async function start() {
  const gateway = await startGateway({ env: { LIVE_POLL_INTERVAL_MS: '40' } })
  onTestFinished(() => gateway.close())
  const { rows } = gateway.sandbox
  const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
  const join = () => rows.addCall({ account_sid: account, conference_sid: sid }).sid
  return { gateway, sid, join }
}

/** Subscribes to a conference and waits for the snapshot. */
async function startConferenceStream() {
  const { gateway, sid, join } = await start()
  const stream = new ConferenceStream(gateway.url, basic('part'), nodeIdOf('Conference', account, sid))
  await waitUntil(() => stream.events.length === 1, 'the subscriber receives the snapshot')
  return { ...gateway, sid, join, stream }
}

const isConferenceRead = ({ path }: InterceptedRequest) => /\/Conferences\/\w+$/.test(path)
const isParticipantRead = ({ path }: InterceptedRequest) => path.endsWith('/Participants')

describe('a poll refused by Restcomm', () => {
  it.each([
    { status: 401, refusedRead: 'conference', isRefused: isConferenceRead },
    { status: 403, refusedRead: 'conference', isRefused: isConferenceRead },
    { status: 401, refusedRead: 'list of participants', isRefused: isParticipantRead },
    { status: 403, refusedRead: 'list of participants', isRefused: isParticipantRead },
  ])('a single $status for the $refusedRead ends no stream and loses no event', async ({ status, isRefused }) => {
    const { sandbox, stream, join } = await startConferenceStream()
    let refusals = 0
    // Every third read is refused, so the repeated poll succeeds.
    let reads = 0
    sandbox.intercept(request => {
      if (!isRefused(request) || ++reads % 3 > 0) return undefined
      refusals++
      return { status }
    })
    const joined: string[] = []
    for (let round = 1; round <= 3; round++) {
      await waitUntil(() => refusals >= round, 'a poll is refused')
      joined.push(join())
      await waitUntil(() => stream.joinedCallSids.length === round, 'the subscriber receives the event')
    }
    expect(stream.joinedCallSids).toEqual(joined)
    expect([stream.hasEnded, stream.codes]).toEqual([false, []])
  })

  it.each([
    { status: 401, code: 'UNAUTHENTICATED' },
    { status: 403, code: 'FORBIDDEN' },
  ])('a poll refused twice with $status ends the stream with $code after a single further poll', async expected => {
    const { sandbox, stream } = await startConferenceStream()
    let refusals = 0
    sandbox.intercept(() => {
      refusals++
      return { status: expected.status }
    })
    await waitUntil(() => stream.hasEnded, 'the stream ends')
    expect([stream.codes, refusals]).toEqual([[expected.code], 2])
  })

  it('a refusal followed by a different failure counts as a failed poll', async () => {
    const { sandbox, stream, join } = await startConferenceStream()
    let reads = 0
    sandbox.intercept(request => {
      if (!isConferenceRead(request) || ++reads > 6) return undefined
      return { status: reads % 2 === 1 ? 401 : 404 }
    })
    const sid = join()
    await waitUntil(() => stream.joinedCallSids.length === 1, 'the subscriber receives the event')
    expect([stream.joinedCallSids, stream.codes, stream.hasEnded]).toEqual([[sid], [], false])
  })

  it('a refused first poll of a new subscription is repeated as well', async () => {
    const { gateway, sid } = await start()
    let reads = 0
    gateway.sandbox.intercept(() => (++reads === 1 ? { status: 401 } : undefined))
    const stream = new ConferenceStream(gateway.url, basic('part'), nodeIdOf('Conference', account, sid))
    await waitUntil(() => stream.events.length === 1, 'the subscriber receives the snapshot')
    expect(stream.codes).toEqual([])
  })

  it('the repeated poll of an account shares no request with the refused poll', async () => {
    const { gateway } = await start()
    const client = createClient({ url: gateway.url, headers: { authorization: basic('part') }, retryAttempts: 0 })
    const results: { data?: { accountEvents?: AccountStreamEvent } | null; errors?: unknown }[] = []
    const iterator = client.iterate({ query: ACCOUNT_EVENTS })
    onTestFinished(() => {
      void iterator.return?.()
      client.dispose()
    })
    void (async () => {
      for await (const result of iterator) results.push(result as (typeof results)[number])
    })().catch(() => undefined)
    await waitUntil(() => results.length === 1, 'the subscriber receives the snapshot')
    const [first, last] = ['RUNNING', 'STOPPING']
    const hasKnownDialect = () => gateway.sandbox.requests.some(({ path }) => statusOf(path) === first)
    await waitUntil(hasKnownDialect, 'the poll reads the lists of two statuses')
    // The first list is refused at once, and the last list once the repeated poll has begun.
    const isRepeated = Promise.withResolvers<void>()
    const counts = new Map<string, number>()
    gateway.sandbox.intercept(async ({ path }) => {
      const status = statusOf(path)
      if (status === undefined) return undefined
      const count = (counts.get(status) ?? 0) + 1
      counts.set(status, count)
      if (status === first && count === 2) isRepeated.resolve()
      if (count > 1 || (status !== first && status !== last)) return undefined
      if (status === last) await isRepeated.promise
      return { status: 401 }
    })
    const started = gateway.sandbox.rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    await waitUntil(() => results.length === 2, 'the subscriber receives the event')
    expect(results[1]?.errors).toBeUndefined()
    expect(results[1]?.data?.accountEvents?.conference?.sid).toBe(started.sid)
  })
})
