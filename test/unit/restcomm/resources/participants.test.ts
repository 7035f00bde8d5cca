import { describe, expect, it } from 'vitest'
import type { Access } from '../../../../src/restcomm/access.ts'
import { readParticipants } from '../../../../src/restcomm/resources/participants.ts'

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

/** Answers with these rows, whatever is asked. */
const accessTo = (rows: readonly object[]): Access => ({
  get: async (_resource, path) => ({ uri: `/${path}`, page: 0, page_size: 50, total: rows.length, calls: rows }),
  post: () => Promise.reject(new Error('Nothing is changed here.')),
  mayRepeat: () => false,
})

describe('the participants of a conference', () => {
  it('come as they are listed', async () => {
    const read = await readParticipants(accessTo([row(1, false), row(2, true)]), conference)
    expect(read.map(({ callSid, muted }) => [callSid, muted])).toEqual([
      [callSid(1), false],
      [callSid(2), true],
    ])
  })

  it('are each there once, as the last row says, where the server lists one twice', async () => {
    const read = await readParticipants(accessTo([row(2, false), row(1, false), row(2, true)]), conference)
    expect(read.map(({ callSid, muted }) => [callSid, muted])).toEqual([
      [callSid(2), true],
      [callSid(1), false],
    ])
  })
})
