import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../../src/config.ts'
import { OperationLimits } from '../../../../src/graphql/limits/operationLimits.ts'
import type { ServerContext } from '../../../../src/graphql/requestContext.ts'
import { Work } from '../../../../src/graphql/work.ts'
import { CancellationToken } from '../../../../src/restcomm/cancellationToken.ts'
import { RecentCallers } from '../../../../src/restcomm/recentCallers.ts'

const DOCUMENT = parse('{ viewer { sid } }')

function createLimits() {
  const callers = { isVerified: () => true, recentCallers: new RecentCallers() }
  const limits = new OperationLimits(readConfig({}).operations, callers)
  const start = (clientId: string, fields: number) => {
    const operation = { document: DOCUMENT, client: { clientId } } as ServerContext['operation']
    const request = { operation, cancellation: new CancellationToken() } as ServerContext
    limits.admit(request, Object.assign(new Work(), { fields }))
    return operation
  }
  /** Starts operations with this number of fields until the first refusal. */
  const startAll = (clientId: string, fields: number) => {
    const operations: ServerContext['operation'][] = []
    for (;;) {
      try {
        operations.push(start(clientId, fields))
      } catch (error) {
        return { operations, refusal: (error as Error).message }
      }
    }
  }
  return { start, startAll }
}

describe('OperationLimits', () => {
  it('large operations of two clients refuse further large operations, and no small one of a third client', () => {
    const { start, startAll } = createLimits()
    start('c', 500)
    const first = startAll('a', 250_000)
    expect(first).toMatchObject({
      operations: { length: 2 },
      refusal:
        'The client already has 2 running large queries and mutations, the most that one client may have now: wait for ' +
        'a response before sending the next. Retry in 1 s.',
    })
    const refusal = 'The gateway runs too many large queries and mutations: retry in 1 s.'
    expect(startAll('b', 250_000)).toMatchObject({ operations: { length: 2 }, refusal })
    expect(() => start('c', 250_000)).toThrow(refusal)
    start('c', 500)
    for (const { largeSlot } of first.operations) largeSlot?.release()
    expect(startAll('c', 250_000).operations).toHaveLength(2)
  })
})
