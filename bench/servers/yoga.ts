import { createServer } from 'node:http'
import { createSchema, createYoga } from 'graphql-yoga'
import { ACCOUNTS_PATH, conferenceOf, participantOf, type WireConference, type WireParticipant } from './restcomm.ts'
import { pageQuery, typeDefs } from './schema.ts'

// This server is GraphQL Yoga as in the tutorial of Yoga. Each resolver calls `fetch` directly, without a loader.

interface Context {
  readonly authorization: string
}

const url = process.env.RESTCOMM_URL

async function fetchJson<T>(path: string, { authorization }: Context): Promise<T> {
  const response = await fetch(`${url}${ACCOUNTS_PATH}/${path}`, {
    headers: { accept: 'application/json', authorization },
  })
  if (!response.ok) throw new Error(`Upstream responded with status ${response.status}.`)
  return (await response.json()) as T
}

async function conference(accountSid: string, sid: string, context: Context) {
  return {
    ...conferenceOf(await fetchJson<WireConference>(`${accountSid}/Conferences/${sid}`, context)),
    accountSid,
  }
}

const yoga = createYoga({
  logging: false,
  context: ({ request }): Context => ({ authorization: request.headers.get('authorization') ?? '' }),
  schema: createSchema<Context>({
    typeDefs,
    resolvers: {
      Query: {
        conference: (_root, { accountSid, sid }, context) => conference(accountSid, sid, context),
        conferences: async (_root, { accountSid, first, after }, context) => {
          const path = `${accountSid}/Conferences?${pageQuery(first, after)}`
          const { conferences } = await fetchJson<{ conferences: WireConference[] }>(path, context)
          return { nodes: conferences.map(wire => ({ ...conferenceOf(wire), accountSid })) }
        },
        _entities: (_root, { representations }, context) =>
          representations.map(({ accountSid, sid }: { accountSid: string; sid: string }) =>
            conference(accountSid, sid, context),
          ),
      },
      Conference: {
        participants: async ({ accountSid, sid }, _args, context) => {
          const { calls } = await fetchJson<{ calls: WireParticipant[] }>(
            `${accountSid}/Conferences/${sid}/Participants`,
            context,
          )
          return { nodes: calls.map(participantOf) }
        },
      },
    },
  }),
})

createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1')
