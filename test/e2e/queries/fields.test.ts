import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CallRow, ConferenceRow } from '../../../src/sandbox/index.ts'
import { accountOf, callOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

/** Converts `2019-01-01 06:01:01.013` in UTC. */
const seconds = (stamp: string) => `${stamp.slice(0, 10)}T${stamp.slice(11, 19)}Z`
const enumValue = (text: string) => text.toUpperCase().replaceAll('-', '_')

const CONFERENCE = 'id sid accountSid friendlyName status statusText isRunning dateCreated dateUpdated apiVersion uri'
const conference = (row: ConferenceRow) => ({
  id: expect.any(String),
  sid: row.sid,
  accountSid: row.account_sid,
  friendlyName: row.friendly_name,
  status: row.status,
  statusText: row.status,
  isRunning: row.status !== 'COMPLETED' && row.status !== 'FAILED',
  dateCreated: seconds(row.date_created),
  dateUpdated: seconds(row.date_updated),
  apiVersion: row.api_version,
  uri: `${row.uri}.json`.replace('.json.json', '.json'),
})

const CALL = `id sid accountSid parentCallSid from to callerName forwardedFrom direction status statusText answeredBy
  startTime endTime duration ringDuration dateCreated dateUpdated uri recordings { sid }`
const call = (row: CallRow) => ({
  id: expect.any(String),
  sid: row.sid,
  accountSid: row.account_sid,
  parentCallSid: row.parent_call_sid,
  from: row.sender,
  to: row.recipient,
  callerName: row.caller_name,
  forwardedFrom: row.forwarded_from,
  direction: enumValue(row.direction ?? ''),
  status: enumValue(row.status),
  statusText: row.status,
  answeredBy: row.answered_by,
  startTime: row.start_time && seconds(row.start_time),
  endTime: row.end_time && seconds(row.end_time),
  duration: row.duration,
  ringDuration: row.ring_duration,
  dateCreated: seconds(row.date_created),
  dateUpdated: seconds(row.date_updated),
  uri: row.uri,
  recordings: [],
})
const unsuffixed = (uri: string | undefined) => uri?.replace(/\.json$/, '')

describe('field values', () => {
  it.each(['mix', 'nullname', 'ctrlname', 'part', 'conf1'])(
    'every field of the conferences of account %s has the value of the row',
    async label => {
      const { data, errors } = await gateway.query(`{ conferences { nodes { ${CONFERENCE} } } }`, { as: label })
      expect(errors).toBeUndefined()
      const rows = gateway.sandbox.rows.conferencesOf(accountOf(label).sid).toSorted((a, b) => (a.sid < b.sid ? -1 : 1))
      expect(rows.length).toBeGreaterThan(0)
      const unsuffix = (node: { uri: string }) => ({ ...node, uri: unsuffixed(node.uri) })
      expect(data.conferences.nodes.map(unsuffix)).toEqual(rows.map(conference).map(unsuffix))
    },
  )

  it.each(['part5', 'part60', 'post'])(
    'every field of the calls of conference %s has the value of the row, oldest call first',
    async label => {
      const sid = conferenceOf(label)
      const { data, errors } = await gateway.query(
        `query ($sid: ConferenceSid!) { conference(sid: $sid) { calls(first: 500) { nodes { ${CALL} } totalCount } } }`,
        { as: 'part', variables: { sid } },
      )
      expect(errors).toBeUndefined()
      const rows = gateway.sandbox.rows.callsIn(sid).filter(row => row.account_sid === accountOf('part').sid)
      const rowsBySid = new Map(rows.map(row => [row.sid, row]))
      const { nodes, totalCount } = data.conference.calls
      expect(totalCount).toBe(rows.length)
      for (const node of nodes) {
        const row = rowsBySid.get(node.sid)
        expect(row).toBeDefined()
        if (row) expect({ ...node, uri: unsuffixed(node.uri) }).toEqual(call(row))
        rowsBySid.delete(node.sid)
      }
      expect(rowsBySid.size).toBe(0)
      const created = nodes.map((node: { dateCreated: string }) => node.dateCreated)
      expect(created).toEqual(created.toSorted())
    },
  )

  it.each(['part1', 'part5', 'part60', 'part120', 'post'])(
    'every field of the participants of conference %s has the value of the row',
    async label => {
      const sid = conferenceOf(label)
      const { data, errors } = await gateway.query(
        `query ($sid: ConferenceSid!) { conference(sid: $sid) { participants(first: 500) { totalCount nodes {
        id callSid conferenceSid accountSid conference { sid } muted hold startConferenceOnEnter endConferenceOnExit
        dateCreated dateUpdated uri
      } } } }`,
        { as: 'part', variables: { sid } },
      )
      expect(errors).toBeUndefined()
      const rows = gateway.sandbox.rows.callsIn(sid).filter(row => row.status === 'in-progress')
      const sorted = rows.toSorted((a, b) => {
        const [x, y] = [seconds(a.date_created) + a.sid, seconds(b.date_created) + b.sid]
        return x < y ? -1 : x > y ? 1 : 0
      })
      expect(data.conference.participants.totalCount).toBe(rows.length)
      const nodes = data.conference.participants.nodes.map((node: { uri: string }) => ({
        ...node,
        uri: unsuffixed(node.uri),
      }))
      expect(nodes).toEqual(
        sorted.map(row => ({
          id: expect.any(String),
          callSid: row.sid,
          conferenceSid: sid,
          accountSid: row.account_sid,
          conference: { sid },
          muted: row.muted,
          hold: row.on_hold,
          startConferenceOnEnter: row.start_conference_on_enter,
          endConferenceOnExit: row.end_conference_on_exit,
          dateCreated: seconds(row.date_created),
          dateUpdated: seconds(row.date_updated),
          uri: row.uri,
        })),
      )
    },
  )

  it('every field of an account has the value of the row', async () => {
    const { data } = await gateway.query(
      '{ viewer { id sid friendlyName status type dateCreated dateUpdated uri conferences(first: 1) { totalCount } } }',
    )
    const { sid } = accountOf('conf137')
    expect(data.viewer).toEqual({
      id: expect.any(String),
      sid,
      friendlyName: 'conf137',
      status: 'ACTIVE',
      type: 'Full',
      dateCreated: '2019-01-01T00:00:00Z',
      dateUpdated: '2019-01-01T00:00:00Z',
      uri: `/2012-04-24/Accounts/${sid}.json`,
      conferences: { totalCount: 137 },
    })
  })

  it('every field of a recording has the value of the row', async () => {
    const account_sid = accountOf('calls').sid
    const call_sid = callOf('calls/00')
    const row = gateway.sandbox.rows.addRecording({ account_sid, call_sid, duration: 12.5 })
    const { data, errors } = await gateway.query(
      `query ($id: ID!) { node(id: $id) { ... on Call { sid recordings {
        id sid accountSid callSid duration fileUri dateCreated dateUpdated uri
      } } } }`,
      { as: 'calls', variables: { id: nodeIdOf('Call', account_sid, call_sid) } },
    )
    expect(errors).toBeUndefined()
    expect(data.node.recordings).toEqual([
      {
        id: expect.any(String),
        sid: row.sid,
        accountSid: account_sid,
        callSid: call_sid,
        duration: 12.5,
        fileUri: row.file_uri,
        dateCreated: seconds(row.date_created),
        dateUpdated: seconds(row.date_updated),
        uri: expect.stringContaining(row.sid),
      },
    ])
  })
})

describe('an unknown conference status', () => {
  it('a conference with an unknown status is UNKNOWN and running, with the original statusText', async () => {
    const sid = conferenceOf('conf1/000')
    gateway.sandbox.rows.updateConference(sid, { status: 'RUNNING_WITH_SCISSORS' })
    const { data, errors } = await gateway.query(`{ conference(sid: "${sid}") { status statusText isRunning } }`, {
      as: 'conf1',
    })
    expect(errors).toBeUndefined()
    expect(data.conference).toEqual({ status: 'UNKNOWN', statusText: 'RUNNING_WITH_SCISSORS', isRunning: true })
  })
})
