import { describe, expect, it } from 'vitest'
import type { Participant } from '../../../src/model.ts'
import type { Aftermath } from '../../../src/commands/readAfterWrite.ts'
import { Changes } from '../../../src/commands/sendCommands.ts'
import { RestcommError } from '../../../src/restcomm/errors.ts'

const conference = { accountSid: `AC${'0'.repeat(32)}`, sid: `CF${'0'.repeat(32)}` }
const target = { conference, accountSid: conference.accountSid, callSid: `CA${'0'.repeat(32)}` } as Participant
const changes = new Changes({
  begin: () => undefined,
  presentAtOnce: async () => null,
} as Partial<Aftermath> as Aftermath)

const messageAfter = async (error: Error) => {
  const { done, refusals } = await changes.each(conference, [target], () => Promise.reject(error))
  expect(done).toEqual([])
  expect(refusals).toMatchObject([{ code: 'REFUSED', participant: target }])
  return refusals[0]?.message
}

describe('a change to one of many that failed', () => {
  it.each([
    ['too much is waiting', new RestcommError('overloaded', 'Too much.', { retryAfter: 1 })],
    ['Restcomm is left alone', new RestcommError('unavailable', 'Left alone.', { retryAfter: 5 })],
    ['there are no credentials that count', new RestcommError('unauthenticated', 'No credentials.')],
    ['Restcomm refuses the credentials', new RestcommError('unauthenticated', 'Refused.', { status: 401 })],
    [
      "Restcomm refuses the gateway's own credentials",
      new RestcommError('standInRefused', 'Refused.', { status: 401 }),
    ],
  ])('was surely not done where %s', async (_why, error) => {
    expect(await messageAfter(error)).toBe('This was not done: Restcomm did not take it.')
  })

  it.each([
    ['there was no answer in time', new RestcommError('timedOut', 'Late.')],
    ['the connection broke', new RestcommError('unavailable', 'Broken.')],
    ['Restcomm failed', new RestcommError('unavailable', 'Failed.', { status: 503 })],
    ['nobody waited any more', new RestcommError('outOfTime', 'The time is up.')],
  ])('may have been done where %s', async (_why, error) => {
    expect(await messageAfter(error)).toContain('may or may not have happened')
  })
})
