import type { Booking } from './customers.ts'
import { GATEWAYS, type GatewayName, startGraph } from './graph.ts'
import { listen } from './listen.ts'
import { sendQuery } from './sendQuery.ts'

const CUSTOMERS = ['Lighthouse Insurance', 'Vinyl Weekly', 'Northern Ferries']

/** Assigns nine conferences of the demo account to the customers. */
async function demoBookings(restcommUrl: string): Promise<readonly Booking[]> {
  const { data } = await sendQuery(restcommUrl, '{ conferences(first: 9) { nodes { accountSid sid } } }')
  const keys: readonly { accountSid: string; sid: string }[] = data.conferences.nodes
  return keys.map((key, i) => ({ customer: CUSTOMERS[i % CUSTOMERS.length] ?? '', ...key }))
}

function isGatewayName(name: string): name is GatewayName {
  return name in GATEWAYS
}

const name = process.argv[2] ?? 'hive'
if (!isGatewayName(name))
  throw new Error(`"${name}" is not a known gateway: expected ${Object.keys(GATEWAYS).join(' or ')}.`)

const port = Number(process.env.PORT ?? 4100)
try {
  // The port is checked before the start, so that the message is the same for both gateways.
  await (await listen(() => {}, port)).close()
} catch {
  process.stderr.write(`Cannot listen on port ${port}: set PORT to a free port.\n`)
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
