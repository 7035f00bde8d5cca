import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountOf, callOf, conferenceOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { idOf } from '../../support/nodeId.ts'
import { introspect } from './introspection.ts'

/** The rules of https://relay.dev/graphql/objectidentification.htm, in its order. */

const part = accountOf('part').sid
const part5 = conferenceOf('part5')

let gateway: TestGateway
let schema: GraphQLSchema
let samples: readonly Sample[]
beforeAll(async () => {
  gateway = await startGateway()
  gateway.sandbox.rows.addRecording({ account_sid: part, call_sid: callOf('part5/run000'), duration: 1 })
  schema = await introspect(gateway)
  samples = await readSamples()
})
afterAll(() => gateway.close())

/** An object of a type that is a `Node`, as some other field has shown it. */
interface Sample {
  readonly __typename: string
  readonly id: string
  readonly [field: string]: unknown
}

const aliased = (types: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(types).map(([type, fields]) => [
      type,
      fields.replace(/\w+/g, field => `${type.toLowerCase()}_${field}: ${field}`),
    ]),
  )

/**
 * What is compared of each type: enough to see that it is the same object, and in the same state. The aliases let all
 * of them stand in one query, where `status` would have one type here and another there.
 */
const FIELDS: Readonly<Record<string, string>> = aliased({
  Account: 'sid friendlyName status type dateCreated dateUpdated uri',
  Conference: 'sid accountSid friendlyName status statusText isRunning dateCreated dateUpdated apiVersion uri',
  Participant:
    'callSid conferenceSid accountSid muted hold startConferenceOnEnter endConferenceOnExit dateCreated dateUpdated uri',
  Call: 'sid accountSid parentCallSid from to callerName direction status statusText startTime endTime duration uri',
  Recording: 'sid accountSid callSid duration fileUri dateCreated dateUpdated uri',
})

const shown = (type: string) => `{ __typename id ${FIELDS[type]} }`
const anyNode = `{ __typename id ${Object.keys(FIELDS)
  .map(type => `... on ${type} { ${FIELDS[type]} }`)
  .join(' ')} }`

const ask = async (query: string, variables: Readonly<Record<string, unknown>> = {}) => {
  const { data, errors } = await gateway.query(query, { as: 'part', variables })
  expect(errors).toBeUndefined()
  return data
}

/** One object of each type, found by way of others. */
const readSamples = async (): Promise<readonly Sample[]> => {
  const call = callOf('part5/run000')
  const { viewer, conference } = await ask(
    `query ($sid: ConferenceSid!, $call: CallSid!) {
      viewer ${shown('Account')}
      conference(sid: $sid) {
        __typename id ${FIELDS.Conference}
        participant(callSid: $call) {
          __typename id ${FIELDS.Participant}
          call { __typename id ${FIELDS.Call} recordings ${shown('Recording')} }
        }
      }
    }`,
    { sid: part5, call },
  )
  const { participant, ...room } = conference
  const { call: leg, ...person } = participant
  const { recordings, ...talk } = leg
  return [viewer, room, person, talk, ...recordings]
}

const nodeTypes = (): string[] => {
  const node = schema.getType('Node')
  if (!isInterfaceType(node)) throw new Error('Node is no interface.')
  return schema
    .getPossibleTypes(node)
    .map(({ name }) => name)
    .toSorted()
}
const queryField = (name: string) => schema.getQueryType()?.getFields()[name]

describe('1 The Node interface', () => {
  it('is an interface with exactly one field, a non-null `id`', () => {
    const node = schema.getType('Node')
    expect(isInterfaceType(node)).toBe(true)
    const fields = Object.values(isInterfaceType(node) ? node.getFields() : {})
    expect(fields.map(({ name, type }) => `${name}: ${type}`)).toEqual(['id: ID!'])
  })

  it('is implemented by every type that has an `id`', () => {
    const withId = Object.values(schema.getTypeMap()).filter(type => isObjectType(type) && 'id' in type.getFields())
    expect(withId.map(({ name }) => name).toSorted()).toEqual(nodeTypes())
    expect(nodeTypes()).toEqual(Object.keys(FIELDS).toSorted())
  })

  it('gives ids that are unique over all types and objects', async () => {
    const { viewer, conferences } = await ask(
      '{ viewer { id } conferences(first: 500) { nodes { id calls(first: 200) { nodes { id } } participants(first: 200) { nodes { id } } } } }',
    )
    type Room = { id: string; calls: { nodes: { id: string }[] }; participants: { nodes: { id: string }[] } }
    const all = [
      viewer.id,
      ...conferences.nodes.flatMap((room: Room) => [
        room.id,
        ...[...room.calls.nodes, ...room.participants.nodes].map(({ id }) => id),
      ]),
    ]
    expect(all.length).toBeGreaterThan(500)
    expect(new Set(all).size).toBe(all.length)
  })

  it('gives the same id to the same object from one request to the next, whichever way it was reached', async () => {
    expect((await readSamples()).map(({ id }) => id)).toEqual(samples.map(({ id }) => id))
    const { conferences } = await ask('{ conferences(first: 500) { nodes { id sid } } }')
    const listed = conferences.nodes.find(({ sid }: { sid: string }) => sid === part5)
    expect(listed.id).toBe(samples.find(({ __typename }) => __typename === 'Conference')?.id)
  })
})

describe('2 The node root field', () => {
  it('takes exactly one argument, a non-null `id`', () => {
    expect(queryField('node')?.args.map(({ name, type }) => `${name}: ${type}`)).toEqual(['id: ID!'])
  })

  it('answers with a `Node` that may be null', () => {
    expect(String(queryField('node')?.type)).toBe('Node')
  })

  it.each(Object.keys(FIELDS))('refetches the identical %s by its id', async type => {
    const sample = samples.find(({ __typename }) => __typename === type)
    expect(sample).toBeDefined()
    const { node } = await ask(`query ($id: ID!) { node(id: $id) ${anyNode} }`, { id: sample?.id })
    expect(node).toEqual(sample)
  })

  it.each(Object.keys(FIELDS))('is null for a %s that does not exist, which is no error', async type => {
    const sample = samples.find(({ __typename }) => __typename === type)
    // The same object but for the last of its own identifier.
    const decoded = Buffer.from(sample?.id ?? '', 'base64url').toString()
    const id = Buffer.from(`${decoded.slice(0, -6)}f00f00`).toString('base64url')
    expect(await ask('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null })
  })

  // Null would say that the object is gone, and a client would drop it; this is a mistake in the client.
  it('refuses an id that was never given out, where null would say that something is gone', async () => {
    const { data, errors } = await gateway.query('{ node(id: "4") { id } }', { as: 'part' })
    expect(data).toEqual({ node: null })
    expect(errors).toMatchObject([{ path: ['node'], extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('3 Field stability', () => {
  it('two objects of one answer with the same id are equal', async () => {
    for (const sample of samples) {
      const { a, b, c } = await ask(
        `query ($id: ID!, $ids: [ID!]!) { a: node(id: $id) ${anyNode} b: node(id: $id) ${anyNode} c: nodes(ids: $ids) ${anyNode} }`,
        { id: sample.id, ids: [sample.id, sample.id] },
      )
      expect([b, ...c]).toEqual([a, a, a])
    }
  })
})

describe('4 The plural root field, nodes', () => {
  it('takes exactly one argument, a non-null list of non-null ids', () => {
    expect(queryField('nodes')?.args.map(({ name, type }) => `${name}: ${type}`)).toEqual(['ids: [ID!]!'])
  })

  it('answers with a list of nodes that may be null', () => {
    expect(String(queryField('nodes')?.type)).toBe('[Node]!')
  })

  it('answers in the order of its argument, as long as it, with null for what is missing', async () => {
    const ids = samples.map(({ id }) => id)
    const missing = idOf('Conference', part, `CF${'0'.repeat(32)}`)
    for (const asked of [ids, ids.toReversed(), [missing, ...ids, missing], [...ids, ...ids], []]) {
      const { nodes } = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: asked })
      expect(nodes).toEqual(asked.map(id => (id === missing ? null : { id })))
    }
  })

  it('answers as `node` does for each', async () => {
    const { nodes } = await ask(`query ($ids: [ID!]!) { nodes(ids: $ids) ${anyNode} }`, {
      ids: samples.map(({ id }) => id),
    })
    expect(nodes).toEqual(samples)
  })
})
