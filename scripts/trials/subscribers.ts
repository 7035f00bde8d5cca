import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { demoCredentials } from '../../src/sandbox/index.ts'
import { type ChangingAccount, type ChangingConference, participantValue } from './changes.ts'
import { applyEvent, fingerprint, type ReceivedEvent, type State, type Timeline } from './verdict.ts'

/** At most LIVE_MAX_SUBSCRIPTIONS_PER_CONNECTION. */
const SUBSCRIPTIONS_PER_WEBSOCKET = 50

const CONFERENCE_EVENTS = `subscription ($id: ID!) {
  conferenceEvents(conferenceId: $id) {
    __typename
    ... on ConferenceSnapshot { conference { status participants(first: 100) { nodes { callSid muted hold } } } }
    ... on ConferenceStatusChanged { conference { status } }
    ... on ParticipantJoined { participant { callSid muted hold } }
    ... on ParticipantLeft { participant { callSid } }
    ... on ParticipantChanged { participant { callSid muted hold } }
  }
}`

const CONFERENCES_CHANGED = 'subscription { conferencesChanged { sid status } }'

interface ParticipantFields {
  readonly callSid: string
  readonly muted: boolean | null
  readonly hold: boolean | null
}
interface ConferenceFields {
  readonly sid: string
  readonly status: string
  readonly participants?: { readonly nodes: readonly ParticipantFields[] }
}
interface Data {
  readonly conferenceEvents?: {
    readonly __typename: string
    readonly conference?: ConferenceFields
    readonly participant?: ParticipantFields
  }
  readonly conferencesChanged?: ConferenceFields
}

export const AUTHORIZATION = `Basic ${Buffer.from(`${demoCredentials.accountSid}:${demoCredentials.authToken}`).toString('base64')}`

/** A subscription with all received events, which can be replayed. */
export class Subscriber {
  readonly replica: number
  readonly resource: ChangingConference | ChangingAccount
  readonly timeline: Timeline
  events: ReceivedEvent[] = []
  readonly errors: { readonly atMs: number; readonly message: string }[] = []
  /** State before the first event; null if the first event is a snapshot. */
  initialState: State | null = null
  #state = new Map<string, string>()

  constructor(replica: number, resource: ChangingConference | ChangingAccount) {
    this.replica = replica
    this.resource = resource
    this.timeline = resource.timeline
  }

  get isUpToDate(): boolean {
    return fingerprint(this.#state) === fingerprint(this.resource.state)
  }

  hasKey(key: string): boolean {
    return this.#state.has(key)
  }

  /** Forgets the events so far. The later events change `initialState`. */
  restartFrom(initialState: State): void {
    this.events = []
    this.initialState = initialState
    this.#state = new Map(initialState)
  }

  fail(message: string): void {
    this.errors.push({ atMs: performance.now(), message })
  }

  receive(data: Data): void {
    const event = toEvent(data, performance.now())
    this.events.push(event)
    applyEvent(this.#state, event)
  }
}

function toEvent({ conferenceEvents, conferencesChanged }: Data, atMs: number): ReceivedEvent {
  if (conferencesChanged) return { atMs, kind: 'put', key: conferencesChanged.sid, value: conferencesChanged.status }
  const { __typename = '', conference, participant } = conferenceEvents ?? {}
  if (conference?.participants) {
    const participants = conference.participants.nodes.map(node => [node.callSid, participantValue(node)] as const)
    return { atMs, kind: 'snapshot', entries: new Map([['status', conference.status], ...participants]) }
  }
  if (conference) return { atMs, kind: 'put', key: 'status', value: conference.status }
  if (!participant) throw new Error(`The event ${__typename} has neither a conference nor a participant.`)
  if (__typename === 'ParticipantLeft') return { atMs, kind: 'remove', key: participant.callSid }
  return { atMs, kind: 'put', key: participant.callSid, value: participantValue(participant) }
}

/** Subscribes to resources at one replica, over as few WebSockets as allowed. */
export function subscribe(
  url: string,
  replica: number,
  resources: readonly (ChangingConference | ChangingAccount)[],
): readonly Subscriber[] {
  let client = connect(url)
  return resources.map((resource, index) => {
    if (index > 0 && index % SUBSCRIPTIONS_PER_WEBSOCKET === 0) client = connect(url)
    const subscriber = new Subscriber(replica, resource)
    const sid = 'sid' in resource ? resource.sid : null
    const id = Buffer.from(`Conference:${demoCredentials.accountSid}:${sid}`).toString('base64url')
    const request = sid === null ? { query: CONFERENCES_CHANGED } : { query: CONFERENCE_EVENTS, variables: { id } }
    client.subscribe<Data>(request, {
      next: ({ data, errors }) => {
        if (data) subscriber.receive(data)
        for (const { message } of errors ?? []) subscriber.fail(message)
      },
      error: error => {
        subscriber.fail(`the subscription ended: ${error instanceof Error ? error.message : describe(error)}`)
      },
      complete: () => subscriber.fail('the subscription was completed'),
    })
    return subscriber
  })
}

function connect(url: string) {
  return createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: AUTHORIZATION },
  })
}

function describe(error: unknown): string {
  const { code, reason } = error as { readonly code?: number; readonly reason?: string }
  return code === undefined ? JSON.stringify(error) : `WebSocket closed with ${code} ${reason}`
}
