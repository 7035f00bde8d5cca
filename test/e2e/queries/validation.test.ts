import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import { askByWebSocket } from '../../support/webSocket.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

describe('what is wrong with a document', () => {
  it('is told once, and as often as it is asked', async () => {
    const query = '{ a: viewer { sid } a: conferences(first: 1) { totalCount } }'
    for (let time = 0; time < 3; time++) {
      const { errors } = await gateway.query(query)
      expect(errors).toMatchObject([{ message: expect.stringMatching(/^Fields "a" conflict/) }])
    }
  })

  it('is that what comes in parts is asked for at the wrong place, or twice by one name', async () => {
    const parts =
      'conferences(first: 1) { nodes { sid ... @defer(label: "a") { uri } ... @defer(label: "a") { apiVersion } } }'
    for (let time = 0; time < 2; time++) {
      const { errors } = await gateway.query(`{ ${parts} }`)
      expect(errors?.map(({ message }) => message)).toEqual([expect.stringMatching(/label/i)])
    }
  })

  it('is that one field is streamed in two ways', async () => {
    const ask = async (...streams: readonly string[]) => {
      const edges = streams.map(stream => `edges ${stream} { cursor }`).join(' ')
      const { errors } = await gateway.query(`{ conferences(first: 2) { ${edges} } }`, { as: 'conf137' })
      return errors?.map(({ message }) => message)
    }
    const differing = [expect.stringMatching(/^Fields "edges" conflict because they have differing stream/)]
    expect(await ask('@stream(initialCount: 0)', '@stream(initialCount: 1)')).toEqual(differing)
    expect(await ask('@stream', '')).toEqual(differing)
    expect(await ask('', '')).toBeUndefined()
    expect(await ask('@include(if: true)', '@skip(if: false)')).toBeUndefined()
  })

  it.each(['-1', 'null'])('is that a list is streamed from its element %s on', async count => {
    const query = `{ conferences(first: 2) { edges @stream(initialCount: ${count}) { cursor } } }`
    expect(await gateway.query(query, { as: null })).toEqual({
      errors: [
        expect.objectContaining({
          message: `\`initialCount\` of \`@stream\` is ${count}, and must be 0 or more.`,
          extensions: expect.objectContaining({ code: 'GRAPHQL_VALIDATION_FAILED' }),
        }),
      ],
    })
  })

  it('may be that fragments go round in a circle that nothing can follow', async () => {
    const circle = Array.from(
      { length: 300 },
      (_, i) => `fragment F${i} on Account { ...F${(i + 1) % 300} ...F${(i + 2) % 300} }`,
    )
    expect(await gateway.query(`{ viewer { ...F0 } } ${circle.join(' ')}`)).toMatchObject({
      errors: [{ extensions: { code: 'QUERY_TOO_DEEP' } }],
    })
  })
})

describe('a variable that says from which element on a list is streamed', () => {
  const query = `query ($n: Int, $if: Boolean = true) { conferences(first: 2) { ...Edges } }
    fragment Edges on ConferenceConnection { edges @stream(initialCount: $n, if: $if) { cursor } }`

  it.each([-1, null])('is refused where it is %s, before anything is read', async n => {
    gateway.sandbox.clearRequests()
    const refused = {
      message: `\`initialCount\` of \`@stream\` is ${n}, and must be 0 or more.`,
      extensions: { code: 'BAD_USER_INPUT' },
    }
    const byHttp = await gateway.query(query, { variables: { n } })
    const byWebSocket = await askByWebSocket(gateway, { query, variables: { n } })
    const byDefault = await gateway.query(query.replace('$n: Int', `$n: Int = ${n}`))
    for (const answer of [byHttp, byWebSocket, byDefault]) {
      expect(answer.data).toBeUndefined()
      expect(answer.errors).toMatchObject([refused])
    }
    expect(gateway.asked()).toEqual([])
  })

  it('does not matter where nothing is streamed', async () => {
    const { data } = await gateway.query(query, { variables: { n: null, if: false } })
    expect(data.conferences.edges).toHaveLength(2)
    const atOnce = { headers: { accept: 'application/json' }, variables: { n: -1 } }
    expect((await gateway.query(query, atOnce)).data.conferences.edges).toHaveLength(2)
  })

  it('is taken where it is 0 or more, and refused by its type where it is no number', async () => {
    for (const n of [0, 2]) {
      const { data, errors } = await gateway.query(query, { variables: { n }, headers: { accept: 'application/json' } })
      expect([errors, data.conferences.edges.length]).toEqual([undefined, 2])
    }
    expect((await gateway.query(query, { variables: { n: 2 } })).data.conferences.edges).toHaveLength(2)
    expect((await gateway.query(query, { variables: { n: 'x' } })).errors).toMatchObject([
      { message: expect.stringMatching(/^Variable "\$n" got invalid value/) },
    ])
  })
})

describe('which operation of a document is run', () => {
  it.each([
    ['a name that none has', 'query A { __typename }', 'B'],
    ['a name that is empty', 'query A { __typename }', ''],
    ['several, and no name', 'query A { __typename } query B { __typename }', undefined],
    ['none', 'fragment A on Query { __typename }', undefined],
    ['a name that none has, of what does not fit the schema either', 'query A { nothing }', 'B'],
  ])('is not told by %s: one error by either door', async (_what, query, operationName) => {
    const asked = { query, ...(operationName !== undefined && { operationName }) }
    const body = JSON.stringify(asked)
    const response = await fetch(gateway.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const byHttp = await response.json()
    const refused = {
      errors: [
        {
          message: 'Could not determine what operation to execute.',
          extensions: { code: 'OPERATION_RESOLUTION_FAILURE', requestId: expect.any(String) },
        },
      ],
    }
    expect([response.status, byHttp]).toEqual([400, refused])
    expect(await askByWebSocket(gateway, asked)).toEqual(refused)
  })
})
