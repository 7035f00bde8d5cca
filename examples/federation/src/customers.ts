import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { listen, type Running } from './listen.ts'

/** Links a customer to a conference. */
export interface Booking {
  readonly customer: string
  readonly accountSid: string
  readonly sid: string
}

interface ConferenceKey {
  readonly accountSid: string
  readonly sid: string
}

export interface Customers extends Running {
  /** `Authorization` headers of all requests so far; null for requests without the header. */
  readonly authorizations: readonly (string | null)[]
}

const typeDefs = parse(readFileSync(new URL('customers.graphql', import.meta.url), 'utf8'))

/** Starts the subgraph of customers and bookings. A production subgraph would read both from a database. */
export async function startCustomers(bookings: readonly Booking[], port = 0): Promise<Customers> {
  const customers = [...new Set(bookings.map(({ customer }) => customer))].map((name, i) => ({ id: `${i + 1}`, name }))
  const byId = (id: string) => customers.find(customer => customer.id === id) ?? null
  const byName = (name: string | undefined) => customers.find(customer => customer.name === name) ?? null

  const resolvers = {
    Query: {
      customers: () => customers,
      customer: (_root: unknown, { id }: { id: string }) => byId(id),
    },
    Customer: {
      __resolveReference: ({ id }: { id: string }) => byId(id),
      // Bookings contain only the keys of conferences. The gateway fetches other fields from restcomm-graphql.
      conferences: ({ name }: { name: string }) => bookings.filter(({ customer }) => customer === name),
    },
    Conference: {
      __resolveReference: ({ accountSid, sid }: ConferenceKey) => ({ accountSid, sid }),
      customer: ({ accountSid, sid }: ConferenceKey) =>
        byName(bookings.find(booking => booking.accountSid === accountSid && booking.sid === sid)?.customer),
    },
  }

  const authorizations: (string | null)[] = []
  const yoga = createYoga({
    schema: buildSubgraphSchema([{ typeDefs, resolvers }]),
    logging: 'error',
    landingPage: false,
    graphiql: false,
    context: ({ request }) => {
      authorizations.push(request.headers.get('authorization'))
      return {}
    },
  })
  return { ...(await listen(yoga, port)), authorizations }
}
