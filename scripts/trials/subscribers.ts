import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { demoCredentials } from '../../src/sandbox/index.ts'
import { ACCOUNT_EVENTS, type AccountStreamEvent } from '../../test/support/accountEvents.ts'
import { CONFERENCE_EVENTS, type StreamEvent } from '../../test/support/conferenceEvents.ts'
import { type Changes, type ChangingAccount, ChangingConference, participantValue } from './changes.ts'
import type { Replica } from './replicas.ts'
import { applyEvent, fingerprint, type ReceivedEvent, type Timeline } from './verdict.ts'

/** The gateway allows at most 100 per connection. */
const SUBSCRIPTIONS_PER_WEBSOCKET = 50
/** Every fifth subscriber watches the account; the rest watch the conferences in turn. */
const ACCOUNT_SHARE = 5
const FIRST_EVENTS_TIMEOUT_MS = 120_000

interface Data {
  readonly conferenceEvents?: StreamEvent
  readonly accountEvents?: AccountStreamEvent
}

const { accountSid, authToken } = demoCredentials

export const AUTHORIZATION = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`

type Resource = ChangingConference | ChangingAccount

/** A subscription with all received events, which can be replayed. */
export class Subscriber {
  readonly replica: Replica
  readonly resource: Resource
  readonly timeline: Timeline
  readonly events: ReceivedEvent[] = []
  readonly errors: { readonly atMs: number; readonly message: string }[] = []
  readonly #state = new Map<string, string>()

  constructor(replica: Replica, resource: Resource) {
    this.replica = replica
    this.resource = resource
    this.timeline = resource.timeline
  }

  get isUpToDate(): boolean {
    return fingerprint(this.#state) === fingerprint(this.resource.state)
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

function toEvent({ conferenceEvents, accountEvents }: Data, atMs: number): ReceivedEvent {
  if (accountEvents) return toAccountEvent(accountEvents, atMs)
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

function toAccountEvent(event: AccountStreamEvent, atMs: number): ReceivedEvent {
  const { __typename, runningConferences, conference } = event
  if (runningConferences) {
    return { atMs, kind: 'snapshot', entries: new Map(runningConferences.map(({ sid, status }) => [sid, status])) }
  }
  if (!conference) throw new Error(`The event ${__typename} has no conference.`)
  if (__typename === 'ConferenceEnded') return { atMs, kind: 'remove', key: conference.sid }
  return { atMs, kind: 'put', key: conference.sid, value: conference.status }
}

/** Resolves when every subscriber has received the snapshot. `counts` has the number of subscribers per replica. */
export async function subscribeAll(
  replicas: readonly Replica[],
  counts: readonly number[],
  { conferences, account }: Changes,
): Promise<readonly Subscriber[]> {
  const subscribers: Subscriber[] = []
  for (const replica of replicas) {
    const resources = Array.from({ length: counts[replica.index] ?? 0 }, (_, i) =>
      i % ACCOUNT_SHARE === 0 ? account : (conferences[i % conferences.length] ?? account),
    )
    const added = subscribe(replica, resources)
    await waitFor(() => added.every(({ isUpToDate }) => isUpToDate))
    subscribers.push(...added)
  }
  return subscribers
}

async function waitFor(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + FIRST_EVENTS_TIMEOUT_MS
  while (!condition()) {
    if (performance.now() > deadlineMs) {
      throw new Error(`Some subscribers did not receive the first events within ${FIRST_EVENTS_TIMEOUT_MS} ms.`)
    }
    await delay(20)
  }
}

/** Subscribes to resources at one replica, over as few WebSockets as allowed. */
function subscribe(replica: Replica, resources: readonly Resource[]): readonly Subscriber[] {
  const { url } = replica.gateway
  let client = connect(url)
  return resources.map((resource, index) => {
    if (index > 0 && index % SUBSCRIPTIONS_PER_WEBSOCKET === 0) client = connect(url)
    const subscriber = new Subscriber(replica, resource)
    client.subscribe<Data>(requestFor(resource), {
      next: ({ data, errors }) => {
        if (data) subscriber.receive(data)
        for (const { message } of errors ?? []) subscriber.fail(message)
      },
      error: error => subscriber.fail(`the subscription ended: ${describe(error)}`),
      complete: () => subscriber.fail('the subscription was completed'),
    })
    return subscriber
  })
}

function requestFor(resource: Resource) {
  if (!(resource instanceof ChangingConference)) return { query: ACCOUNT_EVENTS }
  const id = Buffer.from(`Conference:${accountSid}:${resource.sid}`).toString('base64url')
  return { query: CONFERENCE_EVENTS, variables: { id } }
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
  if (error instanceof Error) return error.message
  const { code, reason } = error as { readonly code?: number; readonly reason?: string }
  return code === undefined ? JSON.stringify(error) : `WebSocket closed with ${code} ${reason}`
}
