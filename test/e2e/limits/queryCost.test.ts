import { afterAll, beforeAll, expect, it } from 'vitest'
import { conferenceFingerprint } from '../../../src/loaders/conferenceLists.ts'
import { encodeOffsetCursor } from '../../../src/relay/cursor.ts'
import { accountOf, basic, startGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

/** Returns the text of the response, with all parts. */
async function post(query: string): Promise<string> {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: basic('conf137'), accept: 'multipart/mixed' },
    body: JSON.stringify({ query }),
  })
  return response.text()
}

const inLevels = (levels: number, first: number, inner: string): string =>
  levels === 0 ? inner : `account { conferences(first: ${first}) { nodes { ${inLevels(levels - 1, first, inner)} } } }`
const aliases = (count: number, field: string, prefix = 'a') =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}: ${field}`).join(' ')
const nested = (levels: number, first: number, inner: string) =>
  `{ conferences(first: ${first}) { nodes { ${inLevels(levels - 1, first, inner)} } } }`

const CALL = 'id sid from to status direction duration startTime endTime dateCreated'
const PARTICIPANT = 'id callSid conferenceSid accountSid muted hold startConferenceOnEnter dateCreated dateUpdated uri'
const CONFERENCE = 'id sid accountSid friendlyName status statusText isRunning dateCreated dateUpdated uri'
const counts = 'participants(first: 0) { totalCount } calls(first: 0) { totalCount }'

it.each([
  ['13 conferences on each of five levels with 60 aliases of a long field', nested(5, 13, aliases(60, 'uri'))],
  ['500 conferences on each of two levels', nested(2, 500, 'id uri')],
  ['500 conferences on each of two levels with one short field', nested(2, 500, 'status')],
  ['500 conferences on each of two levels with 40 aliases', nested(2, 500, aliases(40, 'uri'))],
  ['a part for each of 250,000 conferences', nested(2, 500, '... @defer { status }')],
  [
    'a part for each of 250,000 conferences by a fragment',
    `${nested(2, 500, '...F @defer')} fragment F on Conference { id }`,
  ],
  [
    '20 pages of 500 conferences with two totals each',
    `{ ${aliases(20, `conferences(first: 500) { nodes { ${counts} } }`)} }`,
  ],
  [
    'one page of 500 conferences with 200 totals each',
    `{ conferences(first: 500) { nodes { ${aliases(200, 'calls { totalCount }')} } } }`,
  ],
  [
    'a call for each of 25,000 participants',
    '{ conferences(first: 500) { nodes { participants { nodes { call { from } } } } } }',
  ],
  [
    'recordings of 50,000 calls',
    '{ conferences(first: 100) { nodes { calls(first: 500) { nodes { recordings { id } } } } } }',
  ],
  [
    '20 sorted lists',
    `{ ${aliases(20, 'conferences(orderBy: { field: DATE_CREATED, direction: ASC }) { totalCount }')} }`,
  ],
  [
    '100,000 keys of 250 characters',
    `{ conferences(first: 500) { nodes { ${aliases(200, 'status', 'a'.repeat(250))} } } }`,
  ],
])('%s exceed the default query cost, and cause no request to Restcomm', async (_title, query) => {
  gateway.sandbox.clearRequests()
  expect(await post(query)).toContain('"code":"QUERY_TOO_COSTLY"')
  expect(gateway.takeUpstreamRequests()).toEqual([])
})

it.each([
  [
    '100 conferences with 50 participants',
    `{ conferences(first: 100) { nodes { ${CONFERENCE} participants(first: 50) { totalCount nodes { ${PARTICIPANT} } } } } }`,
  ],
  [
    '100 conferences with 100 participants',
    `{ conferences(first: 100) { edges { cursor node { ${CONFERENCE} participants(first: 100) { edges { node { id callSid muted hold dateCreated uri } } } } } } }`,
  ],
  [
    '100 conferences with 50 calls',
    `{ conferences(first: 100) { nodes { ${CONFERENCE} calls(first: 50) { totalCount nodes { ${CALL} } } } } }`,
  ],
  [
    'conferences with participants and calls in default page sizes',
    '{ conferences { nodes { id participants { nodes { id muted call { id from to } } } } } }',
  ],
  [
    '500 conferences',
    `{ conferences(first: 500) { totalCount nodes { ${CONFERENCE} } pageInfo { endCursor hasNextPage } } }`,
  ],
  [
    '200 calls with recordings',
    `{ conferences(first: 1) { nodes { calls(first: 200) { nodes { ${CALL} recordings { id duration fileUri dateCreated } } } } } }`,
  ],
  [
    'three sorted lists',
    `{ ${aliases(3, `conferences(first: 50, orderBy: { field: DATE_CREATED, direction: DESC }) { nodes { ${CONFERENCE} } }`)} }`,
  ],
  [
    'deferred participants of 100 conferences',
    `{ conferences(first: 100) { nodes { id ... @defer { participants { nodes { ${PARTICIPANT} } } } } } }`,
  ],
])('a page of %s with usual fields is within the default query cost', async (_title, query) => {
  const text = await post(query)
  expect(text).toContain('"data":{')
  expect(text).not.toContain('"errors"')
})

it('the cursors of a query with invented rows cause at most 40 searches in large pages', async () => {
  const invented = { position: 100, id: `CF${'0'.repeat(32)}` }
  const lists = Array.from({ length: 100 }, (_, i) => {
    const friendlyName = '%'.repeat(i + 1)
    const fingerprint = conferenceFingerprint(accountOf('conf137').sid, { friendlyName }, null)
    const args = `first: 1, filter: { friendlyName: "${friendlyName}" }, after: "${encodeOffsetCursor(fingerprint, invented)}"`
    return `a${i}: conferences(${args}) { nodes { status } }`
  })
  gateway.sandbox.clearRequests()
  expect(await post(`{ ${lists.join(' ')} }`)).not.toContain('"errors"')
  const searches = gateway.takeUpstreamRequests().filter(request => request.includes('PageSize=1004'))
  expect(searches).toHaveLength(40)
})
