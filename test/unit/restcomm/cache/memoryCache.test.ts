import { afterAll, describe, expect, it } from 'vitest'
import { MemoryCache } from '../../../../src/restcomm/cache/memoryCache.ts'
import { useCacheClock } from '../../../support/cacheClock.ts'
import { usedHeapBytes } from '../../../support/heap.ts'
import { conference } from './decodedRows.ts'

const OPTIONS = { maxBytes: 1_000_000, immutableTtlMs: 60_000, listTtlMs: 0 }
const CREDENTIAL_HASH = 'c'.repeat(43)

const keyOf = (n: number) => `${CREDENTIAL_HASH} ${conference(n).accountSid}/${conference(n).sid}`

const advance = useCacheClock()

describe('MemoryCache', () => {
  it('MemoryCache stays below the limit in bytes, and keeps the recently used rows', () => {
    const cache = new MemoryCache({ ...OPTIONS, maxBytes: 100_000 })
    cache.setRow(keyOf(0), conference(0))
    for (let n = 1; n < 1_000; n++) {
      cache.setRow(keyOf(n), conference(n))
      cache.get(keyOf(0))
    }
    const { bytes, entries } = cache.stats
    expect(bytes).toBeLessThanOrEqual(100_000)
    expect(bytes).toBeGreaterThan(90_000)
    expect(entries).toBeLessThan(1_000)
    expect([0, 1, 999].map(n => cache.get(keyOf(n)))).toEqual([conference(0), undefined, conference(999)])
  })

  // Keeps the caches, because V8 could free the cache of a previous test during a measurement.
  const caches: MemoryCache[] = []
  afterAll(() => {
    caches.length = 0
  })

  it.each([
    ['short rows', (n: number) => conference(n)],
    ['long names of one byte per character', (n: number) => conference(n, 'COMPLETED', 'x'.repeat(500))],
    ['long names of two bytes per character', (n: number) => conference(n, 'COMPLETED', 'ы'.repeat(500))],
  ])('MemoryCache estimates the heap size within a third for %s', (_kind, createRow) => {
    const COUNT = 20_000
    const cache = new MemoryCache({ ...OPTIONS, maxBytes: 1_000_000_000 })
    caches.push(cache)
    const before = usedHeapBytes()
    for (let n = 0; n < COUNT; n++) {
      const row = createRow(n)
      cache.setRow(`${CREDENTIAL_HASH} ${row.accountSid}/${row.sid}`, row)
    }
    const heapBytes = usedHeapBytes() - before
    expect(cache.stats.entries).toBe(COUNT)
    expect(cache.stats.bytes / heapBytes).toBeGreaterThan(0.67)
    expect(cache.stats.bytes / heapBytes).toBeLessThan(1.5)
  })

  it('MemoryCache stores a cached row again only after half of the lifetime, and then for a whole lifetime', () => {
    const cache = new MemoryCache(OPTIONS)
    const store = () => cache.setRow(keyOf(1), conference(1))
    expect(store()).toBe(true)
    advance(29_000)
    expect(store()).toBe(false)
    advance(1_000)
    expect(store()).toBe(true)
    advance(59_000)
    expect(cache.get(keyOf(1))).toEqual(conference(1))
    advance(2_000)
    expect(cache.get(keyOf(1))).toBeUndefined()
  })

  it('MemoryCache stores neither rows nor lists with a limit of 0 bytes', () => {
    const cache = new MemoryCache({ ...OPTIONS, maxBytes: 0, listTtlMs: 1_000 })
    expect(cache.setRow(keyOf(1), conference(1))).toBe(false)
    cache.setList(cache.listKey(CREDENTIAL_HASH, 'x'), 5)
    expect(cache.get(keyOf(1))).toBeUndefined()
    expect(cache.get(cache.listKey(CREDENTIAL_HASH, 'x'))).toBeUndefined()
    expect(cache.stats).toEqual({ hits: 0, sharedHits: 0, misses: 0, bytes: 0, entries: 0 })
  })

  it('MemoryCache does not return a list that was read before the invalidation, even if stored afterwards', () => {
    const cache = new MemoryCache({ ...OPTIONS, listTtlMs: 1_000 })
    const key = cache.listKey(CREDENTIAL_HASH, 'x')
    cache.setList(key, 5)
    expect(cache.get(cache.listKey(CREDENTIAL_HASH, 'x'))).toBe(5)
    cache.invalidateLists()
    cache.setList(key, 6)
    expect(cache.get(cache.listKey(CREDENTIAL_HASH, 'x'))).toBeUndefined()
  })
})
