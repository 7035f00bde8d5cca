import { describe, expect, test } from 'vitest'
import { AcceptedCredentials } from '../../../src/restcomm/acceptedCredentials.ts'

const CLIENT = { credentialHash: 'a', isServiceAccount: false }
const OTHER = { credentialHash: 'b', isServiceAccount: false }

describe('accepted credentials', () => {
  test('credentials count as accepted after an answer with data, and only these credentials', () => {
    const accepted = new AcceptedCredentials()
    expect(accepted.has(CLIENT)).toBe(false)
    accepted.recordStatus(CLIENT, 200)
    expect(accepted.has(CLIENT)).toBe(true)
    expect(accepted.has(OTHER)).toBe(false)
  })

  test.each([302, 403, 404, 500, 503])('a status of %i proves nothing about the credentials', status => {
    const accepted = new AcceptedCredentials()
    accepted.recordStatus(OTHER, 200)
    accepted.recordStatus(CLIENT, status)
    accepted.recordStatus(OTHER, status)
    expect(accepted.has(CLIENT)).toBe(false)
    expect(accepted.has(OTHER)).toBe(true)
  })

  test('credentials no longer count as accepted after a 401', () => {
    const accepted = new AcceptedCredentials()
    accepted.recordStatus(CLIENT, 200)
    accepted.recordStatus(CLIENT, 401)
    expect(accepted.has(CLIENT)).toBe(false)
  })

  test("the gateway's own credentials always count as accepted", () => {
    expect(new AcceptedCredentials().has({ ...CLIENT, isServiceAccount: true })).toBe(true)
  })
})
