import type { ExecutionArgs } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { planFor } from './planCache.ts'
import { Run } from './execution.ts'

/** What Yoga may hand over beside what GraphQL.js knows. */
interface Given extends ExecutionArgs {
  readonly signal?: AbortSignal | undefined
  readonly schemaCoordinateInErrors?: boolean | undefined
}

/**
 * Runs queries by plans that are kept with their documents. Yoga's own executor works out anew for each object what is
 * asked of it, and for each field a path and a description; that was a quarter of all memory that a large answer took.
 * What has no plan, such as a mutation, or a query whose variables are wrong, is that executor's. To be the first plugin:
 * those that change the schema or the document of an operation wrap what they find.
 */
export const plannedQueries = (): Plugin => ({
  onExecute: ({ executeFn, setExecuteFn }) => {
    setExecuteFn((given: Given) => {
      const { signal, schemaCoordinateInErrors, fieldResolver, typeResolver } = given
      const isPlain = !(signal || schemaCoordinateInErrors || fieldResolver || typeResolver)
      const planned = isPlain ? planFor(given) : null
      return planned === null ? executeFn(given) : new Run(planned.plan, planned.variables, given).result()
    })
  },
})
