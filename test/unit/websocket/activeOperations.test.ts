import { expect, it } from 'vitest'
import { ActiveOperations } from '../../../src/websocket/activeOperations.ts'

it('ActiveOperations cancels a single operation, or all operations of a connection', () => {
  const operations = new ActiveOperations()
  const [firstConnection, secondConnection] = [{}, {}]
  const [a, b, c] = [
    operations.add(firstConnection, 'a', {}),
    operations.add(firstConnection, 'b', {}),
    operations.add(secondConnection, 'a', {}),
  ]
  operations.cancel(firstConnection, 'a')
  operations.cancel(firstConnection, 'unknown')
  expect([a, b, c].map(({ cancellation }) => cancellation.isCancelled)).toEqual([true, false, false])
  operations.cancelAll(firstConnection)
  expect([b, c].map(({ isCancelled }) => isCancelled)).toEqual([true, false])
})

it('ActiveOperations does not remove a new operation that reuses the id of an earlier operation', () => {
  const operations = new ActiveOperations()
  const connection = {}
  const [first, second] = [{}, {}]
  operations.add(connection, 'a', first)
  operations.cancel(connection, 'a')
  const again = operations.add(connection, 'a', second)
  operations.remove(connection, 'a', first)
  operations.cancel(connection, 'a')
  expect(again.isCancelled).toBe(true)
  const done = operations.add(connection, 'a', first)
  operations.remove(connection, 'a', first)
  operations.cancelAll(connection)
  expect(done.isCancelled).toBe(false)
})
