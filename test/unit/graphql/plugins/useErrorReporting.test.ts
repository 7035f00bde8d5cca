import { GraphQLError } from 'graphql'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { limitResult, reportResult } from '../../../../src/graphql/plugins/useErrorReporting.ts'
import type { OperationRecorder } from '../../../../src/observability/operationRecorder.ts'
import { RepeatedEvents } from '../../../../src/observability/repeatedEvents.ts'
import { DecodingError } from '../../../../src/restcomm/errors.ts'

const decodingErrors = (count: number) =>
  Array.from({ length: count }, () => {
    return new GraphQLError('unreadable', { originalError: new DecodingError('unreadable') })
  })

/** Returns a function that reports the next result of an operation. */
function startOperation() {
  const operation = { requestId: 'r', client: null, decodingErrors: 0, recordResult: () => undefined }
  const log = pino({ level: 'silent' })
  const options = { log, events: new RepeatedEvents(log), suggestions: true, maxResponseBytes: 1_000_000 }
  return (result: object) => {
    const { errors, extensions } = reportResult(options, operation as unknown as OperationRecorder, result)
    return { listed: errors?.length, total: extensions?.decodingErrors }
  }
}

it('payloads up to the final payload share the limit of 20 decoding errors', () => {
  const report = startOperation()
  expect(report({ errors: decodingErrors(15), hasNext: true })).toEqual({ listed: 15, total: undefined })
  const incremental = [{ errors: decodingErrors(10) }]
  expect(report({ errors: decodingErrors(15), incremental, hasNext: true })).toEqual({ listed: 5, total: 30 })
  expect(report({ hasNext: true })).toEqual({ listed: undefined, total: undefined })
  expect(report({ errors: decodingErrors(1), hasNext: false })).toEqual({ listed: undefined, total: 41 })
})

it('each event of a subscription lists up to 20 decoding errors', () => {
  const report = startOperation()
  for (let event = 0; event < 2; event++) {
    expect(report({ errors: decodingErrors(25) })).toEqual({ listed: 20, total: 25 })
  }
  expect(report({ errors: decodingErrors(20) })).toEqual({ listed: 20, total: undefined })
})

it('thousands of errors are converted in several turns of the event loop, and share the limit of decoding errors', async () => {
  const operation = { requestId: 'r', client: null, decodingErrors: 0, recordResult: () => undefined }
  const recorder = operation as unknown as OperationRecorder
  const log = pino({ level: 'silent' })
  const options = { log, events: new RepeatedEvents(log), suggestions: true, maxResponseBytes: 1_000_000 }
  const errors = Array.from({ length: 3_000 }, (_, number) => new GraphQLError(`error ${number}`, { path: [number] }))
  const result = {
    errors: [...decodingErrors(30), ...errors, ...decodingErrors(7)],
    data: null,
    extensions: { cost: 1 },
  }
  const expected = JSON.stringify(reportResult(options, recorder, result))
  let turns = 0
  let immediate = setImmediate(function turn() {
    turns++
    immediate = setImmediate(turn)
  })
  const limited = await limitResult(options, recorder, result)
  clearImmediate(immediate)
  const text = 'stringify' in limited ? limited.stringify() : ''
  expect(JSON.parse(text)).toEqual(JSON.parse(expected))
  expect(JSON.parse(text).extensions).toEqual({ cost: 1, decodingErrors: 37 })
  expect(turns).toBeGreaterThan(4)
})
