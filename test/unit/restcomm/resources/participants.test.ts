import { describe, expect, it } from 'vitest'
import { isReadable } from '../../../../src/model.ts'
import type { ListHttp } from '../../../../src/restcomm/authorizedHttp.ts'
import { readParticipants } from '../../../../src/restcomm/resources/participants.ts'
import { createOfflineUpstream } from '../offlineUpstream.ts'

const ACCOUNT = `AC${'0'.repeat(32)}`
const conference = { accountSid: ACCOUNT, sid: `CF${'0'.repeat(32)}` }
const callSid = (digit: number) => `CA${String(digit).repeat(32)}`

const row = (digit: number, muted: boolean) => ({
  sid: callSid(digit),
  account_sid: ACCOUNT,
  muted,
  date_created: 'Tue, 31 May 2016 16:15:51 +0300',
  date_updated: 'Tue, 31 May 2016 16:15:51 +0300',
  uri: '/nowhere',
})

/** Returns the same rows for any request. */
const httpReturning = (rows: readonly object[]): ListHttp => ({
  upstream: createOfflineUpstream(),
  get: async (_resource, path) => ({ uri: `/${path}`, page: 0, page_size: 50, total: rows.length, calls: rows }),
  tryConsumeEnvelopeRetry: () => false,
})

describe('readParticipants', () => {
  it('readParticipants returns participants in the order of the response', async () => {
    const participants = await readParticipants(httpReturning([row(1, false), row(2, true)]), conference)
    expect(participants.filter(isReadable).map(({ callSid, muted }) => [callSid, muted])).toEqual([
      [callSid(1), false],
      [callSid(2), true],
    ])
  })

  it('readParticipants keeps the last row of a participant listed twice', async () => {
    const participants = await readParticipants(httpReturning([row(2, false), row(1, false), row(2, true)]), conference)
    expect(participants.filter(isReadable).map(({ callSid, muted }) => [callSid, muted])).toEqual([
      [callSid(2), true],
      [callSid(1), false],
    ])
  })

  it('readParticipants keeps equal rows without a valid SID', async () => {
    const participants = await readParticipants(httpReturning([{}, row(1, false), {}]), conference)
    expect(participants.map(isReadable)).toEqual([false, true, false])
  })

  /** `pageOf` returns the rows of a page. */
  const httpWithPages = (total: number, pageOf: (page: number) => readonly unknown[]) => {
    const pagesRead: number[] = []
    const http: ListHttp = {
      ...httpReturning([]),
      get: async (_resource, path, query) => {
        const page = Number(query?.get('Page') ?? 0)
        pagesRead.push(page)
        return { uri: `/${path}`, page, page_size: 2, total, calls: pageOf(page) }
      },
    }
    return { http, pagesRead }
  }

  it('readParticipants reads the pages after equal pages of rows that are no objects', async () => {
    const pages = [
      [row(1, false), row(2, false)],
      [null, null],
      [null, null],
      [row(3, false), row(4, false)],
    ]
    const { http } = httpWithPages(8, page => pages[page] ?? [])
    const participants = await readParticipants(http, conference)
    expect(participants).toHaveLength(8)
    expect(participants.filter(isReadable).map(known => known.callSid)).toEqual([1, 2, 3, 4].map(callSid))
  })

  it.each([
    { name: 'a participant and null', rows: [row(1, false), null], expected: 2 },
    { name: 'only null', rows: [null, null], expected: 6 },
  ])('readParticipants stops reading if a server returns $name for any page number', async ({ rows, expected }) => {
    const { http, pagesRead } = httpWithPages(6, () => rows)
    expect(await readParticipants(http, conference)).toHaveLength(expected)
    expect(pagesRead.length).toBeLessThanOrEqual(4)
  })
})
