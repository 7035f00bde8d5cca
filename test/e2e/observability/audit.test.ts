import { createHash } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { accountOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const PHONE_NUMBER = '+4930123456'
const accountSid = accountOf('part').sid

async function startAuditedGateway(level: string): Promise<TestGateway> {
  const { sid, password } = accountOf('admin')
  const gateway = await startGateway({
    env: {
      RESTCOMM_ACCOUNT_SID: sid,
      RESTCOMM_AUTH_TOKEN: password,
      API_KEY_HASHES: `desk:${hashOf('desk')}=${accountSid}, board:${hashOf('board')}=${accountSid}/read`,
      LOG_LEVEL: level,
      MUTATION_SETTLE_MS: '0',
    },
  })
  onTestFinished(() => gateway.close())
  return gateway
}

function addConference({ sandbox }: TestGateway) {
  const { sid } = sandbox.rows.addConference({ account_sid: accountSid, status: 'RUNNING_MODERATOR_PRESENT' })
  const calls = [1, 2].map(
    () => sandbox.rows.addCall({ account_sid: accountSid, conference_sid: sid, sender: PHONE_NUMBER }).sid,
  )
  const [callSid = ''] = calls
  const participantId = nodeIdOf('Participant', accountSid, sid, callSid)
  return { sid, calls, callSid, participantId, conferenceId: nodeIdOf('Conference', accountSid, sid) }
}

const auditLines = (gateway: TestGateway) =>
  gateway.logged.map(line => JSON.parse(line) as Record<string, unknown>).filter(({ audit }) => audit === true)

const mutate = (gateway: TestGateway, key: string, mutation: string, requestId = 'request-1') =>
  gateway.query(`mutation { ${mutation} { userErrors { code } } }`, {
    as: null,
    headers: { authorization: `Bearer ${key}`, 'x-request-id': requestId },
  })

it.each(['silent', 'error', 'info'])('the audit log has a line for each action at LOG_LEVEL=%s', async level => {
  const gateway = await startAuditedGateway(level)
  const { sid, calls, callSid, participantId, conferenceId } = addConference(gateway)
  await mutate(gateway, 'desk', `muteParticipant(input: { participantId: "${participantId}" })`)
  await mutate(gateway, 'desk', `endConference(input: { conferenceId: "${conferenceId}" })`, 'request-2')
  const common = {
    audit: true,
    msg: 'moderator action',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    client: 'desk',
    clientId: expect.stringMatching(/^[\w-]{16}$/),
    accountSid,
    conferenceSid: sid,
    outcome: 'executed',
  }
  const lines = auditLines(gateway)
  expect(lines[0]).toMatchObject({ ...common, requestId: 'request-1', action: 'mute', callSid })
  const hangUp = { ...common, requestId: 'request-2', action: 'hangUp' }
  expect(lines.slice(1)).toMatchObject(calls.toReversed().map(call => ({ ...hangUp, callSid: call })))
  expect(lines).toHaveLength(1 + calls.length)
  if (level !== 'info') expect(gateway.logged).toHaveLength(lines.length)
})

it('the audit log has refused, forbidden and unknown actions, and neither credentials nor phone numbers', async () => {
  const gateway = await startAuditedGateway('silent')
  const { sid, callSid, participantId, conferenceId } = addConference(gateway)
  const stranger = `CA${'9'.repeat(32)}`
  const strangerId = nodeIdOf('Participant', accountSid, sid, stranger)
  await mutate(gateway, 'board', `endConference(input: { conferenceId: "${conferenceId}" })`)
  await mutate(gateway, 'desk', `hangUpParticipant(input: { participantId: "${strangerId}" })`)
  gateway.sandbox.intercept(({ method }) => (method === 'POST' ? { status: 503 } : undefined))
  await mutate(gateway, 'desk', `muteParticipant(input: { participantId: "${participantId}" })`)
  const lines = auditLines(gateway)
  expect(lines.map(({ client, action, callSid: call, outcome }) => [client, action, call, outcome])).toEqual([
    ['board', 'hangUp', undefined, 'forbidden'],
    ['desk', 'hangUp', stranger, 'refused'],
    ['desk', 'mute', callSid, 'unknown'],
  ])
  const secrets = ['board', 'desk'].map(hashOf).concat(accountOf('admin').password, PHONE_NUMBER)
  expect(secrets.filter(secret => gateway.logged.join('').includes(secret))).toEqual([])
})

it('the audit log identifies Basic credentials by a hash of the account, without a line for a wrong auth token', async () => {
  const gateway = await startAuditedGateway('silent')
  const { participantId } = addConference(gateway)
  const query = `mutation { muteParticipant(input: { participantId: "${participantId}" }) { userErrors { code } } }`
  for (let n = 0; n < 5; n++) await gateway.query(query, { as: { user: accountSid, password: `wrong-${n}` } })
  await gateway.query(query, { as: 'part' })
  const lines = auditLines(gateway)
  expect(lines).toMatchObject([{ outcome: 'executed', clientId: expect.stringMatching(/^[\w-]{16}$/) }])
  expect(lines[0]).not.toHaveProperty('client')
})

it('the audit log has a line for a mutation of a conference without participants', async () => {
  const gateway = await startAuditedGateway('silent')
  const { sid } = gateway.sandbox.rows.addConference({ account_sid: accountSid, status: 'RUNNING_MODERATOR_PRESENT' })
  await mutate(gateway, 'desk', `endConference(input: { conferenceId: "${nodeIdOf('Conference', accountSid, sid)}" })`)
  const [line = {}, ...others] = auditLines(gateway)
  expect([line.action, line.conferenceSid, line.callSid, line.outcome, others]).toEqual([
    'hangUp',
    sid,
    undefined,
    'executed',
    [],
  ])
})
