import { expect, it } from 'vitest'
import { callPath } from '../../../../src/restcomm/resources/calls.ts'
import { conferencePath } from '../../../../src/restcomm/resources/conferences.ts'
import { postMute, readParticipants } from '../../../../src/restcomm/resources/participants.ts'

const FORGED = { accountSid: 'AC1/../AC2', sid: 'x?y/%2e%2e' }
const ENCODED = 'Accounts/AC1%2F..%2FAC2/Conferences/x%3Fy%2F%252e%252e'

it('a path keeps each identifier in a single segment, so that a forged identifier cannot lead to another account', async () => {
  expect(conferencePath(FORGED)).toBe(ENCODED)
  expect(callPath(FORGED)).toBe(ENCODED.replace('Conferences', 'Calls'))
  const paths: string[] = []
  const record = (_resource: unknown, path: string): Promise<never> => {
    paths.push(path)
    return Promise.reject(new Error('not sent'))
  }
  await readParticipants({ get: record } as never, FORGED).catch(() => undefined)
  const participant = { accountSid: FORGED.accountSid, conference: FORGED, callSid: '../CA1' } as never
  await postMute({ post: record } as never, participant, true).catch(() => undefined)
  expect(paths).toEqual([`${ENCODED}/Participants`, `${ENCODED}/Participants/..%2FCA1`])
})
