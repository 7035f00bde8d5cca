import { createClient } from 'graphql-sse'
import { onTestFinished } from 'vitest'
import type { Sandbox } from '../../src/sandbox/index.ts'

const EVENTS = `subscription ($id: ID!) {
  conferenceEvents(conferenceId: $id) {
    __typename
    ... on ConferenceSnapshot { conference { status participants(first: 500) { nodes { callSid muted hold } } } }
    ... on ConferenceStatusChanged { conference { status } }
    ... on ParticipantJoined { participant { callSid muted hold } }
    ... on ParticipantLeft { participant { callSid } }
    ... on ParticipantChanged { participant { callSid muted hold } }
  }
}`

interface Caller {
  readonly callSid: string
  readonly muted: boolean | null
  readonly hold: boolean | null
}
export interface StreamEvent {
  readonly __typename: string
  readonly conference?: { readonly status: string; readonly participants?: { readonly nodes: readonly Caller[] } }
  readonly participant?: Caller
}
interface Result {
  readonly data?: { readonly conferenceEvents?: StreamEvent | null } | null
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[]
}

/** What one subscriber of a conference has been told. It is stopped when the test is over. */
export class ConferenceStream {
  readonly events: StreamEvent[] = []
  readonly codes: string[] = []
  isOver = false

  constructor(url: string, authorization: string, id: string) {
    const client = createClient({ url, headers: { authorization }, retryAttempts: 0 })
    const results = client.iterate({ query: EVENTS, variables: { id } }) as AsyncIterableIterator<Result>
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
      // The gateway was killed, or the test is over.
    }
    this.isOver = true
  }

  /** How often each thing was told that can happen once only. */
  get joined(): readonly string[] {
    return this.events.flatMap(({ __typename, participant }) =>
      __typename === 'ParticipantJoined' && participant ? [participant.callSid] : [],
    )
  }

  /** Whoever does what the stream tells knows this. */
  get replayed(): State {
    let status = ''
    const callers = new Map<string, Caller>()
    for (const { __typename, conference, participant } of this.events) {
      if (conference) status = conference.status
      if (conference?.participants) {
        callers.clear()
        for (const caller of conference.participants.nodes) callers.set(caller.callSid, caller)
      } else if (participant && __typename === 'ParticipantLeft') callers.delete(participant.callSid)
      else if (participant) callers.set(participant.callSid, participant)
    }
    return { status, callers: bySid(callers.values()) }
  }
}

interface State {
  readonly status: string | undefined
  readonly callers: readonly Caller[]
}

/** How the conference is. */
export const truthOf = ({ rows }: Sandbox, conferenceSid: string): State => ({
  status: rows.conference(conferenceSid)?.status,
  callers: bySid(
    rows
      .callsIn(conferenceSid)
      .filter(row => row.status === 'in-progress')
      .map(row => ({ callSid: row.sid, muted: row.muted, hold: row.on_hold })),
  ),
})

const bySid = (callers: Iterable<Caller>): readonly Caller[] =>
  [...callers].toSorted((a, b) => (a.callSid < b.callSid ? -1 : 1))
