import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountOf, callOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { nodeIdOf } from '../../support/nodeId.ts'
import { introspect } from './introspection.ts'

/** The rules of https://relay.dev/graphql/objectidentification.htm, in the order of the specification. */

const part = accountOf('part').sid
const part5 = conferenceOf('part5')

let gateway: TestGateway
let schema: GraphQLSchema
let samples: readonly Sample[]
beforeAll(async () => {
  gateway = await startGateway({ env: { MAX_QUERY_COST: '10000000' } })
  gateway.sandbox.rows.addRecording({ account_sid: part, call_sid: callOf('part5/run000'), duration: 1 })
  schema = await introspect(gateway)
  samples = await readSamples()
})
afterAll(() => gateway.close())

/** A `Node` as returned by a field other than `node`. */
interface Sample {
  readonly __typename: string
  readonly id: string
  readonly [field: string]: unknown
}

const withAliases = (types: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(types).map(([type, fields]) => [
      type,
      fields.replace(/\w+/g, field => `${type.toLowerCase()}_${field}: ${field}`),
    ]),
  )

/** Compared fields by type. Aliases avoid conflicts in a query over all types: `status` has different enum types. */
const FIELDS: Readonly<Record<string, string>> = withAliases({
  Account: 'sid friendlyName status type dateCreated dateUpdated uri',
  Conference: 'sid accountSid friendlyName status statusText isRunning dateCreated dateUpdated apiVersion uri',
  Participant:
    'callSid conferenceSid accountSid muted hold startConferenceOnEnter endConferenceOnExit dateCreated dateUpdated uri',
  Call: 'sid accountSid parentCallSid from to callerName direction status statusText startTime endTime duration uri',
  Recording: 'sid accountSid callSid duration fileUri dateCreated dateUpdated uri',
})

const selectionOf = (type: string) => `{ __typename id ${FIELDS[type]} }`
const anyNode = `{ __typename id ${Object.keys(FIELDS)
  .map(type => `... on ${type} { ${FIELDS[type]} }`)
  .join(' ')} }`

async function queryData(query: string, variables: Readonly<Record<string, unknown>> = {}) {
  const { data, errors } = await gateway.query(query, { as: 'part', variables })
  expect(errors).toBeUndefined()
  return data
}

/** Reads an object of each type through fields of different objects. */
async function readSamples(): Promise<readonly Sample[]> {
  const call = callOf('part5/run000')
  const { viewer, conference } = await queryData(
    `query ($sid: ConferenceSid!, $call: CallSid!) {
      viewer ${selectionOf('Account')}
      conference(sid: $sid) {
        __typename id ${FIELDS.Conference}
        participant(callSid: $call) {
          __typename id ${FIELDS.Participant}
          call { __typename id ${FIELDS.Call} recordings ${selectionOf('Recording')} }
        }
      }
    }`,
    { sid: part5, call },
  )
  const { participant, ...conferenceFields } = conference
  const { call: participantCall, ...participantFields } = participant
  const { recordings, ...callFields } = participantCall
  return [viewer, conferenceFields, participantFields, callFields, ...recordings]
}

function nodeTypes(): string[] {
  const node = schema.getType('Node')
  if (!isInterfaceType(node)) throw new Error('The type Node is not an interface.')
  return schema
    .getPossibleTypes(node)
    .map(({ name }) => name)
    .toSorted()
}
const queryField = (name: string) => schema.getQueryType()?.getFields()[name]

describe('1 The Node interface', () => {
  it('Node is an interface with exactly one field, a non-null `id`', () => {
    const node = schema.getType('Node')
    expect(isInterfaceType(node)).toBe(true)
    const fields = Object.values(isInterfaceType(node) ? node.getFields() : {})
    expect(fields.map(({ name, type }) => `${name}: ${type}`)).toEqual(['id: ID!'])
  })

  it('every type with an `id` field implements Node', () => {
    const withId = Object.values(schema.getTypeMap()).filter(type => isObjectType(type) && 'id' in type.getFields())
    expect(withId.map(({ name }) => name).toSorted()).toEqual(nodeTypes())
    expect(nodeTypes()).toEqual(Object.keys(FIELDS).toSorted())
  })

  it('node ids are unique over all types and objects', async () => {
    const { viewer, conferences } = await queryData(
      '{ viewer { id } conferences(first: 500) { nodes { id calls(first: 200) { nodes { id } } participants(first: 200) { nodes { id } } } } }',
    )
    type ConferenceIds = { id: string; calls: { nodes: { id: string }[] }; participants: { nodes: { id: string }[] } }
    const all = [
      viewer.id,
      ...conferences.nodes.flatMap((conference: ConferenceIds) => [
        conference.id,
        ...[...conference.calls.nodes, ...conference.participants.nodes].map(({ id }) => id),
      ]),
    ]
    expect(all.length).toBeGreaterThan(500)
    expect(new Set(all).size).toBe(all.length)
  })

  it('an object has the same node id in different requests and fields', async () => {
    expect((await readSamples()).map(({ id }) => id)).toEqual(samples.map(({ id }) => id))
    const { conferences } = await queryData('{ conferences(first: 500) { nodes { id sid } } }')
    const listed = conferences.nodes.find(({ sid }: { sid: string }) => sid === part5)
    expect(listed.id).toBe(samples.find(({ __typename }) => __typename === 'Conference')?.id)
  })
})

describe('2 The node root field', () => {
  it('Query.node has exactly one argument, a non-null `id`', () => {
    expect(queryField('node')?.args.map(({ name, type }) => `${name}: ${type}`)).toEqual(['id: ID!'])
  })

  it('Query.node has the nullable type `Node`', () => {
    expect(String(queryField('node')?.type)).toBe('Node')
  })

  it.each(Object.keys(FIELDS))('Query.node returns the identical %s by id', async type => {
    const sample = samples.find(({ __typename }) => __typename === type)
    expect(sample).toBeDefined()
    const { node } = await queryData(`query ($id: ID!) { node(id: $id) ${anyNode} }`, { id: sample?.id })
    expect(node).toEqual(sample)
  })

  it.each(Object.keys(FIELDS))('Query.node returns null without an error for a missing %s', async type => {
    const sample = samples.find(({ __typename }) => __typename === type)
    // Differs from the id of the object in the last characters of the SID.
    const decoded = Buffer.from(sample?.id ?? '', 'base64url').toString()
    const id = Buffer.from(`${decoded.slice(0, -6)}f00f00`).toString('base64url')
    expect(await queryData('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null })
  })

  // A client drops an object after null. A malformed id is a mistake of the client, not a missing object.
  it('Query.node rejects a malformed id instead of returning null', async () => {
    const { data, errors } = await gateway.query('{ node(id: "4") { id } }', { as: 'part' })
    expect(data).toEqual({ node: null })
    expect(errors).toMatchObject([{ path: ['node'], extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('3 Field stability', () => {
  it('objects with the same node id are equal within a response', async () => {
    for (const sample of samples) {
      const { a, b, c } = await queryData(
        `query ($id: ID!, $ids: [ID!]!) { a: node(id: $id) ${anyNode} b: node(id: $id) ${anyNode} c: nodes(ids: $ids) ${anyNode} }`,
        { id: sample.id, ids: [sample.id, sample.id] },
      )
      expect([b, ...c]).toEqual([a, a, a])
    }
  })
})

describe('4 The plural root field, nodes', () => {
  it('Query.nodes has exactly one argument, a non-null list of non-null ids', () => {
    expect(queryField('nodes')?.args.map(({ name, type }) => `${name}: ${type}`)).toEqual(['ids: [ID!]!'])
  })

  it('Query.nodes has the type `[Node]!`', () => {
    expect(String(queryField('nodes')?.type)).toBe('[Node]!')
  })

  it('Query.nodes returns a node or null for each id, in the order of the ids', async () => {
    const ids = samples.map(({ id }) => id)
    const missing = nodeIdOf('Conference', part, `CF${'0'.repeat(32)}`)
    for (const requested of [ids, ids.toReversed(), [missing, ...ids, missing], [...ids, ...ids], []]) {
      const { nodes } = await queryData('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: requested })
      expect(nodes).toEqual(requested.map(id => (id === missing ? null : { id })))
    }
  })

  it('Query.nodes returns the same objects as Query.node', async () => {
    const { nodes } = await queryData(`query ($ids: [ID!]!) { nodes(ids: $ids) ${anyNode} }`, {
      ids: samples.map(({ id }) => id),
    })
    expect(nodes).toEqual(samples)
  })
})
