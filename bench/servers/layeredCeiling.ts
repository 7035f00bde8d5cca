import { type Conference, isReadable, type Participant } from '../../src/model.ts'
import { createMetricsRegistry } from '../../src/observability/metrics/registry.ts'
import { toUtcSeconds } from '../../src/resolvers/scalars.ts'
import { AuthorizedHttp } from '../../src/restcomm/authorizedHttp.ts'
import { CancellationToken } from '../../src/restcomm/cancellationToken.ts'
import { HttpRestcommClient } from '../../src/restcomm/client.ts'
import { HttpClient, type HttpClientOptions } from '../../src/restcomm/http/httpClient.ts'
import type { Principal } from '../../src/restcomm/principal.ts'
import { UpstreamState } from '../../src/restcomm/upstreamState.ts'
import type { Layer } from '../src/servers/layerServers.ts'
import { serveHttp, type WorkloadRequest } from './httpServer.ts'
import { conferenceOf, participantOf, type WireConference, type WireParticipant } from './restcomm.ts'

// Answers query Q3 (50 conferences with participants) by the same upstream requests as ceiling.ts. The requests pass
// through the layers of the gateway's Restcomm client, from the lowest layer up to the layer in the variable LAYER. So
// the difference between the measurements of two adjacent layers is the cost of the upper layer.

const PAGE = { page: 0, size: 50 }
const CONNECTIONS = 64
const NEVER_MS = 60_000

const { upstream: observer } = createMetricsRegistry(() => {
  throw new Error('The benchmark does not collect metrics.')
})
const httpOptions: HttpClientOptions = {
  url: process.env.RESTCOMM_URL ?? '',
  connections: CONNECTIONS,
  maxBodyBytes: 16 * 2 ** 20,
}
const http = new HttpClient(httpOptions)
const upstream = new UpstreamState({
  ...httpOptions,
  maxQueued: 20_000,
  timeoutMs: NEVER_MS,
  commandTimeoutMs: NEVER_MS,
  probe: async () => null,
  observer,
  dialect: null,
  maxPageSize: 100,
  cache: { maxBytes: 0, immutableTtlMs: 1, listTtlMs: 0 },
  sharedCache: null,
  isShared: false,
})

function principalOf({ authorization, variables: { account } }: WorkloadRequest): Principal {
  return {
    authorization,
    isServiceAccount: false,
    account,
    clientId: '',
    credentialHash: authorization,
    accounts: null,
    requestId: 'bench',
    cancellation: new CancellationToken(),
  }
}

interface ConferenceReader {
  conferences(): Promise<readonly Pick<Conference, 'sid'>[]>
  participants(sid: string): Promise<readonly Pick<Participant, 'callSid' | 'muted' | 'hold'>[]>
}

/** Reads conferences through a layer that returns JSON. `read` expects a path relative to `/2012-04-24/`. */
function restReader(
  { variables: { account } }: WorkloadRequest,
  read: (path: string) => Promise<unknown>,
): ConferenceReader {
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

const LAYERS: Readonly<Record<Layer, (request: WorkloadRequest) => ConferenceReader>> = {
  http: request => {
    const { authorization, requestId, cancellation } = principalOf(request)
    return restReader(request, async path => {
      const { body } = await http.send({ method: 'GET', path, authorization, requestId, cancellation }, NEVER_MS)
      return JSON.parse(body)
    })
  },
  resilience: request => {
    const { authError: _, ...principal } = principalOf(request)
    const upstreamRequest = { ...principal, method: 'GET', resource: 'participants' } as const
    const scope = { isKnownAccount: true, isAccepted: true }
    return restReader(request, async path =>
      JSON.parse((await upstream.http.send({ ...upstreamRequest, ...scope, path })).body),
    )
  },
  access: request => {
    const access = new AuthorizedHttp(upstream, principalOf(request))
    return restReader(request, path => access.get('participants', path))
  },
  client: request => {
    const { account } = request.variables
    const client = new HttpRestcommClient(upstream, principalOf(request))
    return {
      conferences: async () => {
        const { rows } = await client.conferences(account, {}).read(PAGE)
        return rows.filter(isReadable).map(({ sid, friendlyName, status, dateCreated, uri }) => ({
          sid,
          friendlyName,
          status,
          dateCreated: toUtcSeconds(dateCreated),
          uri,
        }))
      },
      participants: async sid => {
        const all = await client.participants({ accountSid: account, sid })
        return all.filter(isReadable).map(({ callSid, muted, hold }) => ({ callSid, muted, hold }))
      },
    }
  },
}

const layer = LAYERS[process.env.LAYER as Layer]

serveHttp(async request => {
  const { conferences, participants } = layer(request)
  const nodes = (await conferences()).map(async conference => ({
    ...conference,
    participants: { nodes: await participants(conference.sid) },
  }))
  return JSON.stringify({ data: { conferences: { nodes: await Promise.all(nodes) } } })
})
