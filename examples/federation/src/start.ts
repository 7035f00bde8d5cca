import { ask } from './ask.ts'
import type { Booking } from './customers.ts'
import { GATEWAYS, type GatewayName, startGraph } from './graph.ts'
import { listen } from './listen.ts'

const CUSTOMERS = ['Lighthouse Insurance', 'Vinyl Weekly', 'Northern Ferries']

/** Of the demo account's conferences, a few for each customer. */
const demoBookings = async (restcommUrl: string): Promise<readonly Booking[]> => {
  const { data } = await ask(restcommUrl, '{ conferences(first: 9) { nodes { accountSid sid } } }')
  const keys: readonly { accountSid: string; sid: string }[] = data.conferences.nodes
  return keys.map((key, i) => ({ customer: CUSTOMERS[i % CUSTOMERS.length] ?? '', ...key }))
}

const isGatewayName = (name: string): name is GatewayName => name in GATEWAYS

const name = process.argv[2] ?? 'hive'
if (!isGatewayName(name)) throw new Error(`There is no gateway '${name}': ${Object.keys(GATEWAYS).join(', ')}.`)

const port = Number(process.env.PORT ?? 4100)
try {
  // Before anything else is started, and in one sentence: the gateways end in different ways over it.
  await (await listen(() => {}, port)).close()
} catch {
  process.stderr.write(`Cannot listen on port ${port}; set PORT to another one.\n`)
  process.exit(1)
}

const graph = await startGraph({ gateway: name, port, bookings: demoBookings })
process.stdout.write(
  `${GATEWAYS[name].title} serves both subgraphs at ${graph.url}\n` +
    `  restcomm   ${graph.restcomm.url}\n` +
    `  customers  ${graph.customers.url}\n`,
)
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void graph.close().then(() => process.exit(0))
  })
}
