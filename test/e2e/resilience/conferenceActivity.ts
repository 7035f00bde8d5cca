import { createClient as sseClient } from 'graphql-sse'
import { createClient as wsClient } from 'graphql-ws'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { transientCodes } from '../../support/documentedCodes.ts'
import { accountOf, basic, type GraphQLAnswer, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import type { Prng } from '../../support/prng.ts'
import { findProblems } from './findProblems.ts'

/** The queries of `runLoad` do not use this account. */
const ACCOUNT = 'calls'
const allowedCodes = transientCodes()

/** Adds a conference with participants for a single test client. */
function addConference(gateway: TestGateway, participants: number) {
  const { sid: account_sid } = accountOf(ACCOUNT)
  const { rows } = gateway.sandbox
  const { sid } = rows.addConference({ account_sid })
  const calls = Array.from({ length: participants }, () => rows.addCall({ account_sid, conference_sid: sid }).sid)
  return {
    sid,
    id: nodeIdOf('Conference', account_sid, sid),
    calls,
    participantId: (call: string) => nodeIdOf('Participant', account_sid, sid, call),
    remove: () => {
      for (const call of calls) rows.removeCall(call)
      rows.removeConference(sid)
    },
  }
}

/** Expects upstream errors only. The data is not compared: Restcomm may have executed a failed command. */
function expectUpstreamErrorsOnly({ data, errors = [] }: GraphQLAnswer) {
  expect(findProblems(data ?? null, { data, errors }, allowedCodes)).toEqual([])
}

export interface ModerationStats {
  succeeded: number
  /** Mutations with `userErrors`. */
  rejected: number
  failed: number
}

/** Mutes and hangs up participants and ends a conference; expects the effect of each successful mutation. */
export async function moderate(gateway: TestGateway, prng: Prng, stats: ModerationStats): Promise<void> {
  const conference = addConference(gateway, 3)
  const { rows } = gateway.sandbox
  const [firstCall = '', secondCall = ''] = conference.calls
  try {
    const muteAnswer = await gateway.query(
      `mutation ($id: ID!) { muteParticipant(input: { participantId: $id }) {
        participant { callSid muted } userErrors { code message }
      } }`,
      { as: ACCOUNT, variables: { id: conference.participantId(firstCall) } },
    )
    expectUpstreamErrorsOnly(muteAnswer)
    const muted = muteAnswer.data?.muteParticipant
    if (muted?.userErrors.length === 0) {
      // Restcomm accepted the command, but a fault may prevent a read of the new state.
      expect(rows.call(firstCall)?.muted).toBe(true)
      expect(muted.participant.callSid).toBe(firstCall)
    }
    count(stats, muteAnswer, muted)

    const hangUpAnswer = await gateway.query(
      `mutation ($id: ID!) { hangUpParticipant(input: { participantId: $id }) {
        call { sid status } userErrors { code message }
      } }`,
      { as: ACCOUNT, variables: { id: conference.participantId(secondCall) } },
    )
    expectUpstreamErrorsOnly(hangUpAnswer)
    const hungUp = hangUpAnswer.data?.hangUpParticipant
    if (hungUp?.userErrors.length === 0) {
      expect(rows.call(secondCall)?.status).toBe('completed')
      expect(hungUp.call.sid).toBe(secondCall)
    }
    count(stats, hangUpAnswer, hungUp)

    if (prng.oneIn(2)) return
    const endAnswer = await gateway.query(
      `mutation ($id: ID!) { endConference(input: { conferenceId: $id }) {
        hungUp { sid status } userErrors { code message participantId }
      } }`,
      { as: ACCOUNT, variables: { id: conference.id } },
    )
    expectUpstreamErrorsOnly(endAnswer)
    for (const { sid, status } of endAnswer.data?.endConference?.hungUp ?? []) {
      expect([status, rows.call(sid)?.status]).toEqual(['COMPLETED', 'completed'])
    }
    count(stats, endAnswer, endAnswer.data?.endConference)
  } finally {
    conference.remove()
  }
}

function count(stats: ModerationStats, { errors }: GraphQLAnswer, payload: { userErrors: unknown[] } | undefined) {
  if (errors !== undefined) stats.failed++
  else if ((payload?.userErrors.length ?? 0) > 0) stats.rejected++
  else stats.succeeded++
}

const SUBSCRIPTION = `subscription ($id: ID!) { conferenceEvents(conferenceId: $id) {
  __typename
  ... on ConferenceSnapshot { conference { sid status participants(first: 50) { nodes { callSid muted } } } }
  ... on ParticipantChanged { participant { callSid muted } changed }
} }`

export interface SubscriptionStats {
  /** Subscriptions that received the event. */
  received: number
  /** Subscriptions that ended, or received upstream errors only. */
  failed: number
}

type Transport = 'sse' | 'websocket'

/** Subscribes to a conference, mutes a participant, and waits for the event. All received events must be correct. */
export async function subscribeToMute(
  gateway: TestGateway,
  transport: Transport,
  timeoutMs: number,
  stats: SubscriptionStats,
): Promise<void> {
  const conference = addConference(gateway, 2)
  const [firstCall = '', secondCall = ''] = conference.calls
  const { stream, stop } = subscribe(gateway.url, transport, conference.id)
  const timer = setTimeout(stop, timeoutMs)
  let isReceived = false
  try {
    for await (const answer of stream) {
      expectUpstreamErrorsOnly(answer)
      const event = answer.data?.conferenceEvents
      if (event?.__typename === 'ConferenceSnapshot') {
        // A row whose SID cannot be read is null.
        const nodes: readonly ({ readonly callSid: string } | null)[] = event.conference.participants.nodes
        const callSids = nodes.flatMap(node => (node === null ? [] : [node.callSid]))
        expect([firstCall, secondCall]).toEqual(expect.arrayContaining(callSids))
        expect(nodes).toHaveLength(2)
        gateway.sandbox.rows.updateCall(firstCall, { muted: true })
      } else if (event?.__typename === 'ParticipantChanged' && event.participant.muted === true) {
        // A flag that could not be read before is in the list too.
        expect(event).toMatchObject({ participant: { callSid: firstCall }, changed: expect.arrayContaining(['MUTED']) })
        isReceived = true
        break
      }
    }
  } catch (error) {
    // A rejected subscription: graphql-ws throws a list of errors, graphql-sse a single error.
    const errors = Array.isArray(error) ? error : isConnectionClosed(error) ? [] : [error]
    for (const { message, extensions } of errors as NonNullable<GraphQLAnswer['errors']>) {
      expect({ message, isAllowed: allowedCodes.has(String(extensions?.code)) }).toEqual({ message, isAllowed: true })
    }
  } finally {
    clearTimeout(timer)
    stop()
    conference.remove()
  }
  stats[isReceived ? 'received' : 'failed']++
}

/** The client closes the connection after the timeout. */
const isConnectionClosed = (error: unknown): boolean =>
  error instanceof Error && /abort|closed|terminated/i.test(String(error))

function subscribe(url: string, transport: Transport, id: string) {
  const authorization = basic(ACCOUNT)
  const client =
    transport === 'sse'
      ? sseClient({ url, headers: { authorization }, retryAttempts: 0 })
      : wsClient({
          url: url.replace('http', 'ws'),
          webSocketImpl: WebSocket,
          retryAttempts: 0,
          connectionParams: { authorization },
        })
  const stream = client.iterate({ query: SUBSCRIPTION, variables: { id } }) as AsyncIterableIterator<GraphQLAnswer>
  return {
    stream,
    stop: () => {
      void stream.return?.()
      void client.dispose()
    },
  }
}
