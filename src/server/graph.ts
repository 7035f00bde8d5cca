import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { createYoga, type YogaServerInstance } from 'graphql-yoga'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { toGraphQLError } from '../errors.ts'
import { createNullableSchema, createSchema } from '../schema.ts'
import type { Entrance } from './authentication/authenticator.ts'
import { challenge } from './authentication/challenge.ts'
import { deadline } from './deadline.ts'
import { ERROR_BEHAVIOR, errorBehavior } from './errorBehavior.ts'
import { graphiqlOptions } from './graphiql.ts'
import { reportErrors } from './reportErrors.ts'
import type { ServerContext } from './serverContext.ts'

export interface GraphOptions {
  readonly config: Pick<Config, 'federation' | 'http'>
  readonly log: Logger
  readonly contextOf: (request: ServerContext) => Context | Promise<Context>
  /** What a request has to bring. */
  readonly entrance: Entrance
}

export type Graph = YogaServerInstance<ServerContext, Context>

/** The graph as Yoga serves it: what both doors, HTTP and WebSocket, ask. */
export const createGraph = ({ config, log, contextOf, entrance }: GraphOptions): Graph =>
  createYoga<ServerContext, Context>({
    schema: createSchema(config.federation.node),
    context: contextOf,
    graphqlEndpoint: '/graphql',
    graphiql: config.http.graphiql ? graphiqlOptions(entrance) : false,
    renderGraphiQL,
    landingPage: false,
    cors: false,
    multipart: false,
    extraParamNames: [ERROR_BEHAVIOR],
    maskedErrors: { maskError: toGraphQLError },
    logging: yogaLogging(log),
    plugins: [
      useDeferStream(),
      deadline(config.http.timeoutMs),
      errorBehavior(createNullableSchema(config.federation.node)),
      reportErrors(log),
      challenge(entrance),
    ],
  })

/** Errors are logged by `reportErrors`, with the request that they belong to; the rest is for whoever debugs. */
const yogaLogging = (log: Logger) => {
  const debug = (...parts: unknown[]) => log.debug({ from: 'yoga' }, parts.map(String).join(' '))
  return { debug, info: debug, warn: debug, error: debug }
}
