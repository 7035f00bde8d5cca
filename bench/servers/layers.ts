import type { Conference, Participant } from '../../src/model.ts'
import { accessFor, type Caller } from '../../src/restcomm/access.ts'
import { Cancellation } from '../../src/restcomm/cancellation.ts'
import { createClient } from '../../src/restcomm/client.ts'
import { createHttp } from '../../src/restcomm/http/pool.ts'
import { ResilientHttp } from '../../src/restcomm/http/resilientHttp.ts'
import { Upstream } from '../../src/restcomm/upstream.ts'
import { createMetrics } from '../../src/observability/metrics/registry.ts'
import { UNTRACED } from '../../src/tracer.ts'
import type { Layer } from '../src/servers/layers.ts'
import { type Asked, serve } from './door.ts'
import { conferenceOf, participantOf, type WireConference, type WireParticipant } from './restcomm.ts'

/**
 * The ceiling, by its plan for Q3, above this gateway's own way to Restcomm: as far up as the layer that it is given. Each
 * has those before it below itself, so that what two of them differ by is what the upper one costs.
 */

const PAGE = { page: 0, size: 50 }
const CONNECTIONS = 64
const NEVER_MS = 60_000

const http = createHttp({
  url: process.env.RESTCOMM_URL ?? '',
  connections: CONNECTIONS,
  timeoutMs: NEVER_MS,
  silenceMs: NEVER_MS,
  maximumBodyBytes: 16 * 2 ** 20,
})
const { upstream: observer } = createMetrics(() => {
  throw new Error('Nobody asks for them here.')
})
const resilient = new ResilientHttp(http, {
  connections: CONNECTIONS,
  maximumWaiting: 20_000,
  breakerOpenMs: NEVER_MS,
  observer,
})
const upstream = new Upstream(resilient, null, 1_000)

const callerOf = ({ authorization, variables: { account } }: Asked): Caller => ({
  authorization,
  isStandIn: false,
  account,
  credential: authorization,
  accounts: null,
  trace: UNTRACED,
  requestId: 'a-request-of-the-bench',
  cancellation: new Cancellation(),
})

/** Where the rooms of an account come from, in the words of the question. */
interface Rooms {
  conferences(): Promise<readonly Pick<Conference, 'sid'>[]>
  participants(sid: string): Promise<readonly Pick<Participant, 'callSid' | 'muted' | 'hold'>[]>
}

/** Of whatever gives the JSON of a path below the API's version. */
const rooms = ({ variables: { account } }: Asked, read: (path: string) => Promise<unknown>): Rooms => {
  const path = `Accounts/${account}/Conferences`
  return {
    conferences: async () => {
      const list = await read(`${path}?Page=${PAGE.page}&PageSize=${PAGE.size}`)
      return (list as { conferences: WireConference[] }).conferences.map(conferenceOf)
    },
    participants: async sid => {
      const list = await read(`${path}/${sid}/Participants`)
      return (list as { calls: WireParticipant[] }).calls.map(participantOf)
    },
  }
}

const LAYERS: Readonly<Record<Layer, (asked: Asked) => Rooms>> = {
  http: asked => {
    const { authorization, requestId, cancellation } = callerOf(asked)
    return rooms(asked, async path => {
      const { body } = await http.send({ method: 'GET', path, authorization, requestId, cancellation })
      return JSON.parse(body)
    })
  },
  resilience: asked => {
    const { refusal: _, ...caller } = callerOf(asked)
    const request = { ...caller, method: 'GET', resource: 'participants', isOwn: true } as const
    return rooms(asked, async path => JSON.parse((await resilient.send({ ...request, path })).body))
  },
  access: asked => {
    const access = accessFor(resilient, upstream.flights, callerOf(asked), name => name === asked.variables.account)
    return rooms(asked, path => access.get('participants', path))
  },
  client: asked => {
    const { account } = asked.variables
    const client = createClient(upstream, callerOf(asked))
    return {
      conferences: async () => {
        const { rows } = await client.conferences(account, {}).readPage(PAGE)
        return rows.map(({ sid, friendlyName, status, dateCreated, uri }) => ({
          sid,
          friendlyName,
          status,
          dateCreated,
          uri,
        }))
      },
      participants: async sid => {
        const all = await client.participants({ accountSid: account, sid })
        return all.map(({ callSid, muted, hold }) => ({ callSid, muted, hold }))
      },
    }
  },
}

const layer = LAYERS[process.env.LAYER as Layer]

serve(async asked => {
  const { conferences, participants } = layer(asked)
  const nodes = (await conferences()).map(async room => ({
    ...room,
    participants: { nodes: await participants(room.sid) },
  }))
  return JSON.stringify({ data: { conferences: { nodes: await Promise.all(nodes) } } })
})
