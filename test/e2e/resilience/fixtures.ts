import { createClient as sseClient } from 'graphql-sse'
import { createClient as wsClient } from 'graphql-ws'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { passingCodes } from '../../support/documentedCodes.ts'
import { type Answer, accountOf, basic, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'
import { complaintsOf } from './checkAnswer.ts'
import type { Dice } from './queries.ts'

/** Of whose rows no other client asks. */
const OWNER = 'calls'
const codes = passingCodes()

/** A room that nobody else acts on, with so many callers. */
const openRoom = (gateway: TestGateway, callers: number) => {
  const { sid: account_sid } = accountOf(OWNER)
  const { rows } = gateway.sandbox
  const { sid } = rows.addConference({ account_sid })
  const calls = Array.from({ length: callers }, () => rows.addCall({ account_sid, conference_sid: sid }).sid)
  return {
    sid,
    id: idOf('Conference', account_sid, sid),
    calls,
    participantId: (call: string) => idOf('Participant', account_sid, sid, call),
    close: () => {
      for (const call of calls) rows.removeCall(call)
      rows.removeConference(sid)
    },
  }
}

/** No error but the upstream's, each with its code; nothing is compared, since nothing is known of what was done. */
const expectPassing = ({ data, errors = [] }: Answer) => {
  const complaints = complaintsOf(data ?? null, { data, errors }, codes)
  expect(complaints).toEqual([])
}

export interface Moderated {
  done: number
  refused: number
  failed: number
}

/** Mutes, hangs up and ends: what is told to be done is done. */
export const moderate = async (gateway: TestGateway, dice: Dice, tally: Moderated): Promise<void> => {
  const room = openRoom(gateway, 3)
  const { rows } = gateway.sandbox
  const [one = '', two = ''] = room.calls
  try {
    const muted = await gateway.query(
      `mutation ($id: ID!) { muteParticipant(input: { participantId: $id }) {
        participant { callSid muted } userErrors { code message }
      } }`,
      { as: OWNER, variables: { id: room.participantId(one) } },
    )
    expectPassing(muted)
    const payload = muted.data?.muteParticipant
    if (payload?.userErrors.length === 0) {
      // Restcomm took it; a fault may still keep the new state from being shown in time.
      expect(rows.call(one)?.muted).toBe(true)
      expect(payload.participant.callSid).toBe(one)
    }
    count(tally, muted, payload)

    const over = await gateway.query(
      `mutation ($id: ID!) { hangUpParticipant(input: { participantId: $id }) {
        call { sid status } userErrors { code message }
      } }`,
      { as: OWNER, variables: { id: room.participantId(two) } },
    )
    expectPassing(over)
    const hungUp = over.data?.hangUpParticipant
    if (hungUp?.userErrors.length === 0) {
      expect(rows.call(two)?.status).toBe('completed')
      expect(hungUp.call.sid).toBe(two)
    }
    count(tally, over, hungUp)

    if (dice(2) === 0) return
    const ended = await gateway.query(
      `mutation ($id: ID!) { endConference(input: { conferenceId: $id }) {
        hungUp { sid status } userErrors { code message participantId }
      } }`,
      { as: OWNER, variables: { id: room.id } },
    )
    expectPassing(ended)
    for (const { sid, status } of ended.data?.endConference?.hungUp ?? []) {
      expect([status, rows.call(sid)?.status]).toEqual(['COMPLETED', 'completed'])
    }
    count(tally, ended, ended.data?.endConference)
  } finally {
    room.close()
  }
}

const count = (tally: Moderated, { errors }: Answer, payload: { userErrors: unknown[] } | undefined) => {
  if (errors !== undefined) tally.failed++
  else if ((payload?.userErrors.length ?? 0) > 0) tally.refused++
  else tally.done++
}

const EVENTS = `subscription ($id: ID!) { conferenceEvents(conferenceId: $id) {
  __typename
  ... on ConferenceSnapshot { conference { sid status participants(first: 50) { nodes { callSid muted } } } }
  ... on ParticipantChanged { participant { callSid muted } changed }
} }`

export interface Watched {
  /** Told of the change. */
  seen: number
  /** Ended, or told nothing but errors of the upstream. */
  failed: number
}

/** Subscribes, changes something, and waits to be told, in one of both ways. Whatever is told is right. */
export const watch = async (
  gateway: TestGateway,
  way: 'sse' | 'websocket',
  withinMs: number,
  tally: Watched,
): Promise<void> => {
  const room = openRoom(gateway, 2)
  const [one = '', two = ''] = room.calls
  const { stream, stop } = subscribe(gateway.url, way, room.id)
  const timer = setTimeout(stop, withinMs)
  let seen = false
  try {
    for await (const answer of stream) {
      expectPassing(answer)
      const event = answer.data?.conferenceEvents
      if (event?.__typename === 'ConferenceSnapshot') {
        const nodes = event.conference.participants?.nodes ?? []
        expect(new Set(nodes.map(({ callSid }: { callSid: string }) => callSid))).toEqual(new Set([one, two]))
        gateway.sandbox.rows.updateCall(one, { muted: true })
      } else if (event?.__typename === 'ParticipantChanged') {
        expect(event).toMatchObject({ participant: { callSid: one, muted: true }, changed: ['MUTED'] })
        seen = true
        break
      }
    }
  } catch (error) {
    // A subscription that is refused from the start: by WebSocket as a list of errors, by SSE as one of them.
    const errors = Array.isArray(error) ? error : isConnectionLost(error) ? [] : [error]
    for (const { message, extensions } of errors as NonNullable<Answer['errors']>) {
      expect({ message, isPassing: codes.has(String(extensions?.code)) }).toEqual({ message, isPassing: true })
    }
  } finally {
    clearTimeout(timer)
    stop()
    room.close()
  }
  tally[seen ? 'seen' : 'failed']++
}

/** Our own end of it, when the time is up. */
const isConnectionLost = (error: unknown): boolean =>
  error instanceof Error && /abort|closed|terminated/i.test(String(error))

const subscribe = (url: string, way: 'sse' | 'websocket', id: string) => {
  const authorization = basic(OWNER)
  const client =
    way === 'sse'
      ? sseClient({ url, headers: { authorization }, retryAttempts: 0 })
      : wsClient({
          url: url.replace('http', 'ws'),
          webSocketImpl: WebSocket,
          retryAttempts: 0,
          connectionParams: { authorization },
        })
  const stream = client.iterate({ query: EVENTS, variables: { id } }) as AsyncIterableIterator<Answer>
  return {
    stream,
    stop: () => {
      void stream.return?.()
      void client.dispose()
    },
  }
}
