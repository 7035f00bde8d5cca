import { type Booking, type Customers, startCustomers } from './customers.ts'
import type { Running } from './listen.ts'
import { startRestcomm } from './restcomm.ts'
import { type Composer, composeSupergraph } from './supergraph.ts'

interface Gateway {
  readonly title: string
  readonly composer: Composer
  /** Imports the packages of the gateway on demand, because both gateways are large. */
  serve(supergraph: string, port: number): Promise<Running>
}

/** Each gateway uses the composition library of the same vendor. */
export const GATEWAYS = {
  hive: {
    title: 'Hive Gateway',
    composer: 'guild',
    serve: async (...args) => (await import('./hive.ts')).serveWithHive(...args),
  },
  apollo: {
    title: 'Apollo Gateway',
    composer: 'apollo',
    serve: async (...args) => (await import('./apollo.ts')).serveWithApollo(...args),
  },
} as const satisfies Record<string, Gateway>

export type GatewayName = keyof typeof GATEWAYS

export interface Graph extends Running {
  readonly customers: Customers
  readonly restcomm: Running
}

export interface GraphOptions {
  readonly gateway: GatewayName
  readonly port?: number
  /** Settings of restcomm-graphql. With the defaults, restcomm-graphql serves the demo account. */
  readonly settings?: Readonly<Record<string, string>>
  /** Creates bookings for conferences of restcomm-graphql, which runs at `restcommUrl`. */
  readonly bookings: (restcommUrl: string) => Promise<readonly Booking[]>
}

/** Starts two subgraphs and a gateway. If a start fails, stops everything already started. */
export async function startGraph({ gateway, port = 0, settings = {}, bookings }: GraphOptions): Promise<Graph> {
  const { composer, serve } = GATEWAYS[gateway]
  await using started = new AsyncDisposableStack()
  const restcomm = await startRestcomm(settings)
  started.defer(restcomm.close)
  const customers = await startCustomers(await bookings(restcomm.url))
  started.defer(customers.close)
  const supergraph = await composeSupergraph({ restcomm: restcomm.url, customers: customers.url }, composer)
  const { url, close } = await serve(supergraph, port)
  started.defer(close)
  const running = started.move()
  return { url, restcomm, customers, close: () => running.disposeAsync() }
}
