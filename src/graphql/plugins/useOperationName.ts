import { type DocumentNode, getOperationAST, Kind } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { quote, userInputError } from '../../userInputError.ts'
import type { ServerContext } from '../requestContext.ts'

/** The error message lists at most this number of operations. */
const MAX_LISTED_OPERATIONS = 10

/**
 * Rejects a document that does not contain the requested operation. The messages of Yoga and graphql-ws do not list the
 * operations of the document.
 */
export function useOperationName(): Plugin<ServerContext> {
  return {
    onParse:
      () =>
      ({ result: document, context }) => {
        const operationName = context.params?.operationName
        if (document instanceof Error || getOperationAST(document, operationName)) return
        const message = describeProblem(document, operationName)
        // Without an operation, clients of `application/json` receive the status 400 as well, as from Yoga.
        throw userInputError('OPERATION_RESOLUTION_FAILURE', message, { http: { status: 400 } })
      },
  }
}

function describeProblem({ definitions }: DocumentNode, operationName: string | null | undefined): string {
  const operations = definitions.filter(definition => definition.kind === Kind.OPERATION_DEFINITION)
  if (operations.length === 0) return 'The document contains no operation: expected a query, mutation or subscription.'
  const names = operations.flatMap(({ name }) => (name === undefined ? [] : [quote(name.value)]))
  const listed = names.slice(0, MAX_LISTED_OPERATIONS).join(', ')
  const others = names.length > MAX_LISTED_OPERATIONS ? ', and others' : ''
  const isNamed = operationName !== null && operationName !== undefined
  const found = isNamed ? `no operation ${quote(operationName)}` : `${operations.length} operations`
  const expected = names.length === 0 ? 'a single operation' : `\`operationName\` to name one of ${listed}${others}`
  return `The document contains ${found}: expected ${expected}.`
}
