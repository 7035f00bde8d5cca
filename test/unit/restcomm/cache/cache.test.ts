import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { decodeCall } from '../../../../src/restcomm/resources/calls.ts'
import { decodeConference } from '../../../../src/restcomm/resources/conferences.ts'
import { CALL, CONFERENCE, FinalRows } from '../../../../src/restcomm/cache/immutableRows.ts'
import { RowCache } from '../../../../src/restcomm/cache/cache.ts'
import type { SharedRows } from '../../../../src/restcomm/cache/sharedCache.ts'

const sid = (prefix: string, n = 0) => prefix + n.toString(16).padStart(32, '0')
const DATE = 'Tue, 31 May 2016 16:15:51 +0300'
const conference = (n: number, status = 'COMPLETED', name = `Daily ${n}`) =>
  decodeConference(
    JSON.parse(
      JSON.stringify({
        sid: sid('CF', n),
        account_sid: sid('AC'),
        status,
        friendly_name: name,
        date_created: DATE,
        date_updated: DATE,
        api_version: '2012-04-24',
        uri: `/2012-04-24/Accounts/${sid('AC')}/Conferences/${sid('CF', n)}.json`,
      }),
    ),
  )
const call = (n: number, status = 'completed') =>
  decodeCall(
    JSON.parse(
      JSON.stringify({
        sid: sid('CA', n),
        account_sid: sid('AC'),
        parent_call_sid: sid('CA', n + 1),
        from: `+1555${n}`,
        to: `+1666${n}`,
        status,
        direction: 'inbound',
        duration: '12',
        date_created: DATE,
        date_updated: DATE,
        start_time: DATE,
        end_time: DATE,
        uri: `/2012-04-24/Accounts/${sid('AC')}/Calls/${sid('CA', n)}.json`,
      }),
    ),
  )

const OPTIONS = { maximumBytes: 1_000_000, finalMs: 60_000, listMs: 0 }
const CREDENTIAL = 'c'.repeat(43)
const rowsOf = (cache: RowCache, credential = CREDENTIAL) => new FinalRows(cache, { credential, accounts: null }, true)
const first = async <T>(found: Promise<readonly T[]>) => (await found)[0]

it.each(['COMPLETED', 'FAILED'])('a conference that is %s is kept', async status => {
  const rows = rowsOf(new RowCache(OPTIONS))
  rows.keep(CONFERENCE, conference(1, status))
  expect(await rows.find(CONFERENCE, [conference(1), conference(2)])).toEqual([conference(1, status), null])
})

it.each(['RUNNING_INITIALIZING', 'RUNNING_MODERATOR_PRESENT', 'STOPPING', 'ARCHIVED'])(
  'a conference that is %s is not',
  async status => {
    const rows = rowsOf(new RowCache(OPTIONS))
    rows.keep(CONFERENCE, conference(1, status))
    expect(await rows.find(CONFERENCE, [conference(1)])).toEqual([null])
  },
)

it.each([
  ['completed', true],
  ['canceled', true],
  ['busy', true],
  ['failed', true],
  ['no-answer', true],
  ['not-found', true],
  ['in-progress', false],
  ['ringing', false],
  ['queued', false],
  ['wait-for-answer', false],
  ['something-new', false],
])('a call that is %s is kept: %s', async (status, isKept) => {
  const rows = rowsOf(new RowCache(OPTIONS))
  rows.keep(CALL, call(1, status))
  expect((await rows.find(CALL, [call(1)]))[0] !== null).toBe(isKept)
})

it('is not found with other credentials', async () => {
  const cache = new RowCache(OPTIONS)
  rowsOf(cache, 'one').keep(CONFERENCE, conference(1))
  expect(await first(rowsOf(cache, 'two').find(CONFERENCE, [conference(1)]))).toBeNull()
  expect(
    await first(rowsOf(cache, 'one').find(CONFERENCE, [{ accountSid: sid('AC', 9), sid: sid('CF', 1) }])),
  ).toBeNull()
})

it('has a life that a hit does not lengthen', async () => {
  const rows = rowsOf(new RowCache({ ...OPTIONS, finalMs: 200 }))
  const began = performance.now()
  rows.keep(CONFERENCE, conference(1))
  let hits = 0
  while ((await first(rows.find(CONFERENCE, [conference(1)]))) !== null) {
    hits++
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  expect(hits).toBeGreaterThan(0)
  expect(performance.now() - began).toBeGreaterThanOrEqual(199)
})

it('is bounded in bytes, and keeps what was asked for last', async () => {
  const cache = new RowCache({ ...OPTIONS, maximumBytes: 100_000 })
  const rows = rowsOf(cache)
  rows.keep(CONFERENCE, conference(0))
  for (let n = 1; n < 1_000; n++) {
    rows.keep(CONFERENCE, conference(n))
    await rows.find(CONFERENCE, [conference(0)])
  }
  const { bytes, entries } = cache.figures
  expect(bytes).toBeLessThanOrEqual(100_000)
  expect(bytes).toBeGreaterThan(90_000)
  expect(entries).toBeLessThan(1_000)
  expect(await rows.find(CONFERENCE, [conference(0), conference(1), conference(999)])).toEqual([
    conference(0),
    null,
    conference(999),
  ])
})

it('counts bytes as memory does, within a third', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = () => {
    collect()
    collect()
    return process.memoryUsage().heapUsed
  }
  const COUNT = 20_000
  for (const make of [
    (n: number) => conference(n),
    (n: number) => conference(n, 'COMPLETED', 'x'.repeat(500)),
    (n: number) => conference(n, 'COMPLETED', 'ы'.repeat(500)),
  ]) {
    const cache = new RowCache({ ...OPTIONS, maximumBytes: 1_000_000_000 })
    const rows = rowsOf(cache)
    const before = used()
    for (let n = 0; n < COUNT; n++) rows.keep(CONFERENCE, make(n))
    const real = used() - before
    expect(cache.figures.entries).toBe(COUNT)
    expect(cache.figures.bytes / real).toBeGreaterThan(0.67)
    expect(cache.figures.bytes / real).toBeLessThan(1.5)
  }
})

it('keeps nothing where it may take no memory', async () => {
  const cache = new RowCache({ ...OPTIONS, maximumBytes: 0, listMs: 1_000 })
  const rows = rowsOf(cache)
  rows.keep(CONFERENCE, conference(1))
  cache.keepList(cache.listName(CREDENTIAL, 'x'), 5)
  expect(await first(rows.find(CONFERENCE, [conference(1)]))).toBeNull()
  expect(cache.list(cache.listName(CREDENTIAL, 'x'))).toBeUndefined()
  expect(cache.figures).toEqual({ hits: 0, sharedHits: 0, misses: 0, bytes: 0, entries: 0 })
})

it('does not find what was read of a list before lists were forgotten, also if it comes late', () => {
  const cache = new RowCache({ ...OPTIONS, listMs: 1_000 })
  const name = cache.listName(CREDENTIAL, 'x')
  cache.keepList(name, 5)
  expect(cache.list(cache.listName(CREDENTIAL, 'x'))).toBe(5)
  cache.forgetLists()
  cache.keepList(name, 6)
  expect(cache.list(cache.listName(CREDENTIAL, 'x'))).toBeUndefined()
})

describe('what replicas keep for each other', () => {
  /** Kept by all in one map. */
  const shared = (leftMs = 60_000) => {
    const texts = new Map<string, string>()
    const asked: string[] = []
    const rows: SharedRows = {
      read: async names => {
        asked.push(...names)
        return names.map(name => {
          const text = texts.get(name)
          return text === undefined ? null : { text, leftMs }
        })
      },
      write: (name, text) => {
        texts.set(name, text)
      },
    }
    return { texts, asked, rows }
  }
  const [name] = [`${CREDENTIAL} ${sid('AC')}/${sid('CF', 1)}`]

  it('is found, and then kept here as well', async () => {
    const { rows, asked } = shared()
    rowsOf(new RowCache(OPTIONS, rows)).keep(CONFERENCE, conference(1))
    const cache = new RowCache(OPTIONS, rows)
    for (let i = 0; i < 3; i++)
      expect(await first(rowsOf(cache).find(CONFERENCE, [conference(1)]))).toEqual(conference(1))
    expect(asked).toEqual([name])
    expect(cache.figures).toMatchObject({ hits: 2, sharedHits: 1 })
  })

  it('is kept no longer here than there, so that no replica lengthens its life', async () => {
    const { rows, asked } = shared(40)
    rowsOf(new RowCache(OPTIONS, rows)).keep(CONFERENCE, conference(1))
    const cache = new RowCache(OPTIONS, rows)
    await rowsOf(cache).find(CONFERENCE, [conference(1)])
    expect(cache.row(name)).toEqual(conference(1))
    await new Promise(resolve => setTimeout(resolve, 60))
    expect(cache.row(name)).toBeUndefined()
    await rowsOf(cache).find(CONFERENCE, [conference(1)])
    expect(asked).toEqual([name, name])
  })

  it('is asked for once in a request, if it is not there', async () => {
    const { rows, asked } = shared()
    const request = rowsOf(new RowCache(OPTIONS, rows))
    await request.find(CONFERENCE, [conference(1)])
    await request.find(CONFERENCE, [conference(1)])
    expect(asked).toEqual([name])
  })

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['another conference', JSON.stringify(conference(2))],
    ['of another account', JSON.stringify({ ...conference(1), accountSid: sid('AC', 3) })],
    ['not over', JSON.stringify(conference(1, 'STOPPING'))],
    ['a call', JSON.stringify(call(1))],
    ['of a version with other members', JSON.stringify({ ...conference(1), uri: undefined })],
    ['of a version with other types', JSON.stringify({ ...conference(1), dateCreated: 5 })],
  ])('does not count where it is %s', async (_what, text) => {
    const { rows, texts } = shared()
    texts.set(name, text)
    expect(await first(rowsOf(new RowCache(OPTIONS, rows)).find(CONFERENCE, [conference(1)]))).toBeNull()
  })
})
