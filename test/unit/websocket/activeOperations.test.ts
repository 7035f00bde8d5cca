import { expect, it } from 'vitest'
import { ConnectionOperations } from '../../../src/websocket/activeOperations.ts'

it('gives up the one operation that is abandoned, or all of a connection', () => {
  const operations = new ConnectionOperations()
  const [one, other] = [{}, {}]
  const [a, b, c] = [operations.begin(one, 'a', {}), operations.begin(one, 'b', {}), operations.begin(other, 'a', {})]
  operations.abandon(one, 'a')
  operations.abandon(one, 'unknown')
  expect([a, b, c].map(({ cancellation }) => cancellation.isCancelled)).toEqual([true, false, false])
  operations.abandonAll(one)
  expect([b, c].map(({ isAbandoned }) => isAbandoned)).toEqual([true, false])
})

it('does not take what has an id of another for done with that other', () => {
  const operations = new ConnectionOperations()
  const connection = {}
  const [first, second] = [{}, {}]
  operations.begin(connection, 'a', first)
  operations.abandon(connection, 'a')
  const again = operations.begin(connection, 'a', second)
  operations.done(connection, 'a', first)
  operations.abandon(connection, 'a')
  expect(again.isAbandoned).toBe(true)
  const done = operations.begin(connection, 'a', first)
  operations.done(connection, 'a', first)
  operations.abandonAll(connection)
  expect(done.isAbandoned).toBe(false)
})
