import { describe, expect, it } from 'vitest'
import { MemoryCache, type SharedCache } from '../../../../src/restcomm/cache/memoryCache.ts'
import { RequestCache } from '../../../../src/restcomm/cache/requestCache.ts'
import { invalidMember } from '../../../../src/restcomm/errors.ts'
import { CALL } from '../../../../src/restcomm/resources/calls.ts'
import { CONFERENCE } from '../../../../src/restcomm/resources/conferences.ts'
import { useCacheClock } from '../../../support/cacheClock.ts'
import { call, conference, sid } from './decodedRows.ts'

const OPTIONS = { maxBytes: 1_000_000, immutableTtlMs: 60_000, listTtlMs: 0 }
const CREDENTIAL_HASH = 'c'.repeat(43)
const rowCache = (cache: MemoryCache, credentialHash = CREDENTIAL_HASH) =>
  new RequestCache(cache, { credentialHash, accounts: null }, 'use')
const first = async <T>(found: Promise<readonly T[]>) => (await found)[0]

const advance = useCacheClock()

describe('RequestCache', () => {
  it.each(['COMPLETED', 'FAILED'])('RequestCache stores a conference with status %s', async status => {
    const rows = rowCache(new MemoryCache(OPTIONS))
    rows.storeRow(CONFERENCE, conference(1, status))
    expect(await rows.findRows([conference(1), conference(2)])).toEqual([conference(1, status), null])
  })

  it.each(['RUNNING_INITIALIZING', 'RUNNING_MODERATOR_PRESENT', 'STOPPING', 'ARCHIVED'])(
    'RequestCache does not store a conference with status %s',
    async status => {
      const rows = rowCache(new MemoryCache(OPTIONS))
      rows.storeRow(CONFERENCE, conference(1, status))
      expect(await rows.findRows([conference(1)])).toEqual([null])
    },
  )

  it('RequestCache does not store a row with an unreadable member, because a later response may be correct', async () => {
    const rows = rowCache(new MemoryCache(OPTIONS))
    const uri = invalidMember('conference', 'uri', 'a string')
    rows.storeRow(CONFERENCE, { ...conference(1), uri })
    expect(await rows.findRows([conference(1)])).toEqual([null])
  })

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
  ])(
    'RequestCache stores calls in a final status only: a call with status %s is stored: %s',
    async (status, isStored) => {
      const rows = rowCache(new MemoryCache(OPTIONS))
      rows.storeRow(CALL, call(1, status))
      expect((await rows.findRows([call(1)]))[0] !== null).toBe(isStored)
    },
  )

  it('RequestCache does not find rows of different credentials or of a different account', async () => {
    const cache = new MemoryCache(OPTIONS)
    rowCache(cache, 'client 1').storeRow(CONFERENCE, conference(1))
    expect(await first(rowCache(cache, 'client 2').findRows([conference(1)]))).toBeNull()
    const foreignKey = { accountSid: sid('AC', 9), sid: sid('CF', 1) }
    expect(await first(rowCache(cache, 'client 1').findRows([foreignKey]))).toBeNull()
  })

  it('RequestCache finds nothing with a limit of 0 bytes', async () => {
    const rows = rowCache(new MemoryCache({ ...OPTIONS, maxBytes: 0 }))
    rows.storeRow(CONFERENCE, conference(1))
    expect(await first(rows.findRows([conference(1)]))).toBeNull()
  })

  it('RequestCache expires rows after the TTL, even if the rows are read meanwhile', async () => {
    const rows = rowCache(new MemoryCache(OPTIONS))
    rows.storeRow(CONFERENCE, conference(1))
    for (let second = 0; second < 59; second++) {
      advance(1_000)
      expect(await first(rows.findRows([conference(1)]))).toEqual(conference(1))
    }
    advance(2_000)
    expect(await first(rows.findRows([conference(1)]))).toBeNull()
  })
})

describe('RequestCache with a cache shared by replicas', () => {
  const fakeSharedCache = (ttlMs = 60_000) => {
    const rows = new Map<string, object>()
    const requestedKeys: string[] = []
    const writtenKeys: string[] = []
    const shared: SharedCache = {
      read: async keys => {
        requestedKeys.push(...keys)
        return keys.map(key => {
          const row = rows.get(key)
          return row === undefined ? null : { row, ttlMs }
        })
      },
      write: (key, row) => {
        writtenKeys.push(key)
        rows.set(key, row)
      },
    }
    return { requestedKeys, writtenKeys, shared }
  }
  const key = `${CREDENTIAL_HASH} ${sid('AC')}/${sid('CF', 1)}`

  it('RequestCache finds a row that a second replica stored, and copies the row into process memory', async () => {
    const { shared, requestedKeys } = fakeSharedCache()
    rowCache(new MemoryCache(OPTIONS, shared)).storeRow(CONFERENCE, conference(1))
    const cache = new MemoryCache(OPTIONS, shared)
    for (let i = 0; i < 3; i++) {
      expect(await first(rowCache(cache).findRows([conference(1)]))).toEqual(conference(1))
    }
    expect(requestedKeys).toEqual([key])
    expect(cache.stats).toMatchObject({ hits: 2, sharedHits: 1 })
  })

  it('RequestCache writes a row to the shared cache again only after half of the lifetime', () => {
    const { shared, writtenKeys } = fakeSharedCache()
    const rows = rowCache(new MemoryCache(OPTIONS, shared))
    for (const writes of [1, 1, 2]) {
      rows.storeRow(CONFERENCE, conference(1))
      expect(writtenKeys).toHaveLength(writes)
      advance(20_000)
    }
  })

  it('RequestCache keeps a copied row for the remaining TTL of the shared entry only', async () => {
    const { shared, requestedKeys } = fakeSharedCache(40)
    rowCache(new MemoryCache(OPTIONS, shared)).storeRow(CONFERENCE, conference(1))
    const cache = new MemoryCache(OPTIONS, shared)
    await rowCache(cache).findRows([conference(1)])
    expect(cache.get(key)).toEqual(conference(1))
    advance(60)
    expect(cache.get(key)).toBeUndefined()
    await rowCache(cache).findRows([conference(1)])
    expect(requestedKeys).toEqual([key, key])
  })

  it('RequestCache requests a missing row from the shared cache once per GraphQL request', async () => {
    const { shared, requestedKeys } = fakeSharedCache()
    const rows = rowCache(new MemoryCache(OPTIONS, shared))
    await rows.findRows([conference(1)])
    await rows.findRows([conference(1)])
    expect(requestedKeys).toEqual([key])
  })
})
