import { expect, it } from 'vitest'
import { FAULT_KINDS } from '../../../../src/sandbox/faults/faultInjector.ts'
import { FaultsError, parseFaults } from '../../../../src/sandbox/faults/parseFaults.ts'

it('parseFaults reads all settings', () => {
  const text = '{"seed":2,"latencyMs":5,"shares":{"latency":0.5,"html":0.5}}'
  expect(parseFaults(text)).toEqual({ seed: 2, latencyMs: 5, shares: { latency: 0.5, html: 0.5 } })
  const all = Object.fromEntries(FAULT_KINDS.map(kind => [kind, 1 / FAULT_KINDS.length]))
  expect(parseFaults(JSON.stringify({ shares: all }))).toEqual({ shares: all })
})

it.each([
  ['{', 'expected an object with a member `shares`.'],
  ['[]', 'The faults are []: expected a JSON object with a member `shares`.'],
  ['{}', '`shares` is missing: expected an object such as {"latency": 0.2, "reset": 0.05}.'],
  ['{"shares":[0.5]}', '`shares` is [0.5]: expected an object'],
  ['{"shares":{"flood":1}}', 'Unknown kind of fault `flood`: expected latency, reset, '],
  ['{"shares":{"html":"1"}}', 'The share of `html` is "1": expected a number from 0 to 1.'],
  ['{"shares":{"html":0.6,"reset":0.6}}', 'with a sum of at most 1'],
  ['{"shares":{"html":-0.1}}', 'from 0 to 1'],
  ['{"shares":{},"seed":"x"}', '`seed` is "x": expected a number of 0 or more.'],
  [
    '{"shares":{},"rate":1}',
    'Unknown setting `rate` of faults: expected shares, seed, latencyMs, trickleMs, hugeBytes.',
  ],
])('parseFaults rejects %s', (text, message) => {
  expect(() => parseFaults(text)).toThrow(FaultsError)
  expect(() => parseFaults(text)).toThrow(message)
})
