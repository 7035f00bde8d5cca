import type { GraphQLSchema } from 'graphql'
import { createSchema } from 'graphql-yoga'

const typeDefs =
  'type Query { rows(count: Int!): [Row] other: String } type Row { name: String rows(count: Int!): [Row] late: Row strict: [Row!] }'

/** Rows of a kind that depends on the number of the row: a value, a promise, an error, or null. */
export function rowSchema(onName: () => void = () => undefined): GraphQLSchema {
  const row = (number: number): object => ({
    number,
    rows: ({ count }: { count: number }) => rows(count, number),
    late: async () => {
      if (number % 53 === 0) throw new Error(`late ${number}`)
      return row(number + 1)
    },
    strict: () => [row(number), number % 61 === 0 ? Promise.reject(new Error(`strict ${number}`)) : row(number)],
  })
  const rows = (count: number, salt: number) =>
    Array.from({ length: count }, (_, index) => {
      const number = index + salt
      if (number % 97 === 0) return new Error(`row ${number}`)
      if (number % 7 === 0) return null
      return number % 3 === 0 ? Promise.resolve(row(number)) : row(number)
    })
  return createSchema({
    typeDefs,
    resolvers: {
      Query: { rows: (_root, { count }) => rows(count, 1), other: async () => 'other' },
      Row: {
        name: ({ number }) => {
          onName()
          if (number % 89 === 0) throw new Error(`name ${number}`)
          return `name ${number}`
        },
      },
    },
  })
}

/** `thrown` and `rejected` fail for every row. `onReport` is called when the executor reads the message of an error. */
export function failingSchema(onReport: () => void): GraphQLSchema {
  const fails = () => {
    const get = () => {
      onReport()
      return 'failed'
    }
    throw Object.defineProperty(new Error(), 'message', { get })
  }
  return createSchema({
    typeDefs: 'type Query { rows(count: Int!): [Row] } type Row { thrown: Row rejected: Row }',
    resolvers: {
      Query: { rows: (_root, { count }) => Array.from({ length: count }, () => ({})) },
      Row: { thrown: fails, rejected: async () => fails() },
    },
  })
}
