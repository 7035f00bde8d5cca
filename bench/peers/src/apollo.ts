import { type AugmentedRequest, type DataSourceConfig, RESTDataSource } from '@apollo/datasource-rest'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import {
  ACCOUNTS_PATH,
  conferenceOf,
  participantOf,
  type WireConference,
  type WireParticipant,
} from '../../servers/restcomm.ts'
import { pageQuery, typeDefs } from '../../servers/schema.ts'

// This server is Apollo Server with Apollo's REST data source, set up as in Apollo's documentation.

class Restcomm extends RESTDataSource {
  override baseURL = `${process.env.RESTCOMM_URL}${ACCOUNTS_PATH}/`
  readonly #authorization: string

  constructor(authorization: string, config: DataSourceConfig) {
    super(config)
    this.#authorization = authorization
  }

  override willSendRequest(_path: string, request: AugmentedRequest): void {
    request.headers.authorization = this.#authorization
    request.headers.accept = 'application/json'
  }

  async conference(accountSid: string, sid: string) {
    return { ...conferenceOf(await this.get<WireConference>(`${accountSid}/Conferences/${sid}`)), accountSid }
  }

  async conferences(accountSid: string, query: string) {
    const path = `${accountSid}/Conferences?${query}`
    const { conferences } = await this.get<{ conferences: WireConference[] }>(path)
    return conferences.map(wire => ({ ...conferenceOf(wire), accountSid }))
  }

  async participants(accountSid: string, sid: string) {
    const path = `${accountSid}/Conferences/${sid}/Participants`
    return (await this.get<{ calls: WireParticipant[] }>(path)).calls.map(participantOf)
  }
}

interface Context {
  readonly restcomm: Restcomm
}

const server = new ApolloServer<Context>({
  typeDefs,
  resolvers: {
    Query: {
      conference: (_root, { accountSid, sid }, { restcomm }) => restcomm.conference(accountSid, sid),
      conferences: async (_root, { accountSid, first, after }, { restcomm }) => ({
        nodes: await restcomm.conferences(accountSid, pageQuery(first, after)),
      }),
      _entities: (_root, { representations }, { restcomm }) =>
        representations.map(({ accountSid, sid }: { accountSid: string; sid: string }) =>
          restcomm.conference(accountSid, sid),
        ),
    },
    Conference: {
      participants: async ({ accountSid, sid }, _args, { restcomm }) => ({
        nodes: await restcomm.participants(accountSid, sid),
      }),
    },
  },
})

await startStandaloneServer(server, {
  listen: { port: Number(process.env.PORT), host: '127.0.0.1' },
  context: async ({ req }) => ({
    restcomm: new Restcomm(req.headers.authorization ?? '', { cache: server.cache }),
  }),
})
