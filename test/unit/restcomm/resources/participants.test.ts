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
})
