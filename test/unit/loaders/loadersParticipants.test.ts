import { expect, it } from 'vitest'
import { Loaders } from '../../../src/loaders/loaders.ts'
import type { Conference, Participant } from '../../../src/model.ts'
import type { RestcommClient } from '../../../src/restcomm/client.ts'

const ACCOUNT = `AC${'1'.repeat(32)}`
const keys = Array.from({ length: 100 }, (_, i) => ({ accountSid: ACCOUNT, sid: `CF${String(i).padStart(32, '0')}` }))

/** Each conference has `length` participants. Counts the reads of participants. */
function loadersOf(length: number) {
  let reads = 0
  const participants = Array.from<Participant>({ length })
  const client: Partial<RestcommClient> = {
    conference: async key => ({ ...key, status: 'RUNNING_MODERATOR_PRESENT' }) as Conference,
    cachedConferences: async () => keys.map(key => ({ ...key, status: 'RUNNING_MODERATOR_PRESENT' }) as Conference),
    participants: async () => {
      reads++
      return participants
    },
  }
  const limits = { defaultPageSize: 1, maxPageSize: 1, maxSortedRows: 1, maxQuerySortedRows: 1 }
  const loaders = new Loaders(client as RestcommClient, limits)
  const load = async () => {
    const results = await Promise.allSettled(keys.map(key => loaders.participants.load(key)))
    return results.filter(({ status }) => status === 'fulfilled').length
  }
  return { loaders, load, reads: () => reads }
}

it('a query reads the participants of 100 conferences with 250 participants each', async () => {
  const { load } = loadersOf(250)
  expect(await load()).toBe(100)
})

it('a query sends no further reads after 25,000 participants, and fails for the remaining conferences', async () => {
  const { loaders, load, reads } = loadersOf(1_000)
  const read = await load()
  // Reads that have begun complete.
  expect(read).toBeGreaterThanOrEqual(25)
  expect(read).toBeLessThanOrEqual(50)
  expect(reads()).toBe(read)
  await expect(loaders.participants.load({ accountSid: ACCOUNT, sid: `CF${'9'.repeat(32)}` })).rejects.toMatchObject({
    message: expect.stringContaining('too many participants together: expected at most 25000'),
    extensions: { code: 'LIST_TOO_LARGE' },
  })
})

it('a single conference with more than 25,000 participants is readable, and clear resets the sum', async () => {
  const { loaders, load } = loadersOf(60_000)
  const [key = { accountSid: '', sid: '' }] = keys
  expect(await loaders.participants.load(key)).toHaveLength(60_000)
  loaders.clear()
  expect(await load()).toBeGreaterThan(0)
})
