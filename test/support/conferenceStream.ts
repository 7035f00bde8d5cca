import { createClient } from 'graphql-sse'
import { onTestFinished } from 'vitest'
import type { Sandbox } from '../../src/sandbox/index.ts'
import { CONFERENCE_EVENTS, type ParticipantState, type StreamEvent } from './conferenceEvents.ts'

interface Result {
  readonly data?: { readonly conferenceEvents?: StreamEvent | null } | null
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[]
}

/** Collects the events of a `conferenceEvents` subscription, which ends after the test. */
export class ConferenceStream {
  readonly events: StreamEvent[] = []
  readonly codes: string[] = []
  hasEnded = false

  constructor(url: string, authorization: string, id: string) {
    const client = createClient({ url, headers: { authorization }, retryAttempts: 0 })
    const results = client.iterate({ query: CONFERENCE_EVENTS, variables: { id } }) as AsyncIterableIterator<Result>
    onTestFinished(() => {
      void results.return?.()
      client.dispose()
    })
    void this.#read(results)
  }

  async #read(results: AsyncIterable<Result>): Promise<void> {
    try {
      for await (const { data, errors } of results) {
        if (data?.conferenceEvents) this.events.push(data.conferenceEvents)
        for (const { extensions } of errors ?? []) this.codes.push(extensions?.code ?? '')
      }
    } catch {
      // An error is expected if the gateway is killed or the test ends.
    }
    this.hasEnded = true
  }

  get joinedCallSids(): readonly string[] {
    return this.events.flatMap(({ __typename, participant }) =>
      __typename === 'ParticipantJoined' && participant ? [participant.callSid] : [],
    )
  }

  /** State of the conference according to the events received so far. */
  get replayedState(): ConferenceState {
    let status = ''
    const participants = new Map<string, ParticipantState>()
    for (const { __typename, conference, participant } of this.events) {
      if (conference) status = conference.status
      if (conference?.participants) {
        participants.clear()
        for (const node of conference.participants.nodes) participants.set(node.callSid, node)
      } else if (participant && __typename === 'ParticipantLeft') participants.delete(participant.callSid)
      else if (participant) participants.set(participant.callSid, participant)
    }
    return { status, participants: bySid(participants.values()) }
  }
}

interface ConferenceState {
  readonly status: string | undefined
  readonly participants: readonly ParticipantState[]
}

export function sandboxState({ rows }: Sandbox, conferenceSid: string): ConferenceState {
  return {
    status: rows.conference(conferenceSid)?.status,
    participants: bySid(
      rows
        .callsIn(conferenceSid)
        .filter(row => row.status === 'in-progress')
        .map(row => ({ callSid: row.sid, muted: row.muted, hold: row.on_hold })),
    ),
  }
}

const bySid = (participants: Iterable<ParticipantState>): readonly ParticipantState[] =>
  [...participants].toSorted((a, b) => (a.callSid < b.callSid ? -1 : 1))
