import fc from 'fast-check'
import { GraphQLError } from 'graphql'
import { expect, it } from 'vitest'
import { isSmallResult, SLICE_CHARS, serializeInSlices } from '../../../src/graphql/serializeResult.ts'
import { DecodingError } from '../../../src/restcomm/errors.ts'

const UNLIMITED = Number.POSITIVE_INFINITY

async function textOf(result: object, maxBytes = UNLIMITED): Promise<string | null> {
  const slices = await serializeInSlices(result, maxBytes)
  return slices === null ? null : Buffer.concat(slices).toString()
}

/** Arrays and objects with the long text `pad` are longer than a slice, so each of them is split. */
const values = fc.letrec(tie => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\u0000', 'ä', '語', '😀', '\ud83d', '\ude00') })
  const longText = fc.tuple(text, fc.nat({ max: 3 })).map(([end, count]) => 'x'.repeat(SLICE_CHARS - count) + end)
  const key = fc.oneof(text, fc.constantFrom('__proto__', 'toJSON', 'constructor', '0', ''))
  const leaf = fc.oneof(
    text,
    longText,
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined, () => 1, Symbol('s'), new Date(0), new DecodingError('Unreadable.', '-1')),
    text.map(message => new GraphQLError(message, { path: ['a', 0], extensions: { code: message } })),
  )
  const members = fc.array(fc.tuple(key, tie('value')), { maxLength: 4 })
  return {
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.tuple(longText, tie('value')).map(items => [...items, undefined]),
      members.map(entries => Object.fromEntries(entries)),
      fc.tuple(longText, members).map(([pad, entries]) => Object.fromEntries([['pad', pad], ...entries])),
    ),
  }
}).value

it('the slices of any result are together the text of JSON.stringify', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(values, { maxLength: 4 }), async result => {
      // A plain comparison, because a failure of `toBe` would print both texts.
      expect((await textOf({ data: result })) === JSON.stringify({ data: result })).toBe(true)
    }),
    { numRuns: 150 },
  )
})

it('a result is serialized up to the maximum number of bytes, and not beyond', async () => {
  for (const result of [{ data: 'ä'.repeat(200_000) }, { data: Array.from({ length: 50_000 }, (_, i) => i) }, {}]) {
    const text = JSON.stringify(result)
    const bytes = Buffer.byteLength(text)
    expect(await textOf(result, bytes)).toBe(text)
    expect(await textOf(result, bytes - 1)).toBeNull()
  }
})

it('serialization stops at the maximum, so the rest of a large result is not read', async () => {
  let read = 0
  const row = {
    get text() {
      read++
      return 'x'.repeat(1_000)
    },
  }
  expect(await textOf({ data: Array.from({ length: 100_000 }, () => row) }, 1_000_000)).toBeNull()
  expect(read).toBeLessThan(5_000)
})

it('a slice has at most a fixed number of characters, and other work runs between two slices', async () => {
  const rows = Array.from({ length: 40_000 }, (_, number) => ({ sid: `CF${number}`, friendlyName: null, number }))
  let turns = 0
  const countTurn = () => {
    turns++
    immediate = setImmediate(countTurn)
  }
  let immediate = setImmediate(countTurn)
  const slices = (await serializeInSlices({ data: { rows, text: 'y'.repeat(1_000_000) } }, UNLIMITED)) ?? []
  clearImmediate(immediate)
  expect(Math.max(...slices.map(({ length }) => length))).toBeLessThan(3 * SLICE_CHARS)
  expect(slices.length).toBeGreaterThan(30)
  expect(turns).toBeGreaterThanOrEqual(slices.length - 2)
})

it('a small result is at most one slice long, and never longer than the maximum', () => {
  fc.assert(
    fc.property(values, fc.nat({ max: 400_000 }), (value, maxBytes) => {
      const result = { data: value }
      const bytes = Buffer.byteLength(JSON.stringify(result))
      if (isSmallResult(result, maxBytes)) expect(bytes).toBeLessThanOrEqual(maxBytes)
      if (bytes > 8 * SLICE_CHARS) expect(isSmallResult(result, UNLIMITED)).toBe(false)
    }),
  )
})

it('reading whether a large result is small takes a bounded number of steps', () => {
  let read = 0
  const row = {
    get text() {
      read++
      return ''
    },
  }
  expect(isSmallResult({ data: Array.from({ length: 1_000_000 }, () => row) }, UNLIMITED)).toBe(false)
  expect(read).toBeLessThan(10_000)
})
