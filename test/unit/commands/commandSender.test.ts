import { describe, expect, it } from 'vitest'
import { CommandSender } from '../../../src/commands/commandSender.ts'
import type { ReadAfterWrite } from '../../../src/commands/readAfterWrite.ts'
import type { Participant } from '../../../src/model.ts'
import { RestcommError } from '../../../src/restcomm/errors.ts'

const conference = { accountSid: `AC${'0'.repeat(32)}`, sid: `CF${'0'.repeat(32)}` }
const target = { conference, accountSid: conference.accountSid, callSid: `CA${'0'.repeat(32)}` } as Participant
const sender = new CommandSender({
  markChanged: () => undefined,
  participantsNow: async () => null,
} as Partial<ReadAfterWrite> as ReadAfterWrite)

const messageAfter = async (error: Error) => {
  const { succeeded, userErrors } = await sender.sendAll(conference, [target], () => Promise.reject(error))
  expect(succeeded).toEqual([])
  expect(userErrors).toMatchObject([{ code: 'REFUSED', participant: target }])
  return userErrors[0]?.message
}

describe('CommandSender.sendAll', () => {
  it.each([
    ['the queue is full', new RestcommError('overloaded', 'Queue full.', { retryAfterSeconds: 1 })],
    ['the circuit is open', new RestcommError('unavailable', 'Circuit open.', { retryAfterSeconds: 5 })],
    ['the request has no valid credentials', new RestcommError('unauthenticated', 'No credentials.')],
    ['Restcomm rejects the credentials', new RestcommError('unauthenticated', 'Rejected.', { status: 401 })],
    [
      "Restcomm rejects the gateway's credentials",
      new RestcommError('serviceCredentialsRejected', 'Rejected.', { status: 401 }),
    ],
  ])('CommandSender.sendAll reports a command as not executed if %s', async (_case, error) => {
    expect(await messageAfter(error)).toBe(
      'The command was not executed: Restcomm is overloaded or unavailable (try again later), or rejected the credentials.',
    )
  })

  it.each([
    ['the response timed out', new RestcommError('timedOut', 'Late.')],
    ['the connection broke', new RestcommError('unavailable', 'Broken.')],
    ['Restcomm failed', new RestcommError('unavailable', 'Failed.', { status: 503 })],
    ['the request timed out', new RestcommError('deadlineExceeded', 'Timed out.')],
  ])('CommandSender.sendAll reports an unknown outcome if %s', async (_case, error) => {
    expect(await messageAfter(error)).toContain('may or may not have been executed')
  })
})
