import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import { queryByWebSocket } from '../../support/webSocket.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

describe('document validation', () => {
  it('document validation reports each conflict once per request', async () => {
    const query = '{ a: viewer { sid } a: conferences(first: 1) { totalCount } }'
    for (let time = 0; time < 3; time++) {
      const { errors } = await gateway.query(query)
      expect(errors).toMatchObject([{ message: expect.stringMatching(/^Fields "a" conflict/) }])
    }
  })

  it('a syntax error has the code GRAPHQL_PARSE_FAILED over HTTP after the same text over WebSocket', async () => {
    const query = '{ viewer { sid }'
    const overWebSocket = await queryByWebSocket(gateway, { query })
    const overHttp = [await gateway.query(query), await gateway.query(query)]
    for (const { data, errors } of [overWebSocket, ...overHttp]) {
      expect(data).toBeUndefined()
      expect(errors).toMatchObject([{ locations: [{ line: 1 }], extensions: { code: 'GRAPHQL_PARSE_FAILED' } }])
    }
  })

  it('document validation reports a duplicate @defer label', async () => {
    const selection =
      'conferences(first: 1) { nodes { sid ... @defer(label: "a") { uri } ... @defer(label: "a") { apiVersion } } }'
    for (let time = 0; time < 2; time++) {
      const { errors } = await gateway.query(`{ ${selection} }`)
      expect(errors?.map(({ message }) => message)).toEqual([expect.stringMatching(/label/i)])
    }
  })

  it('document validation reports conflicting @stream directives of a field', async () => {
    const validateStreams = async (...streams: readonly string[]) => {
      const edges = streams.map(stream => `edges ${stream} { cursor }`).join(' ')
      const { errors } = await gateway.query(`{ conferences(first: 2) { ${edges} } }`, { as: 'conf137' })
      return errors?.map(({ message }) => message)
    }
    const conflict = [expect.stringMatching(/^Fields "edges" conflict because they have differing stream/)]
    expect(await validateStreams('@stream(initialCount: 0)', '@stream(initialCount: 1)')).toEqual(conflict)
    expect(await validateStreams('@stream', '')).toEqual(conflict)
    expect(await validateStreams('', '')).toBeUndefined()
    expect(await validateStreams('@include(if: true)', '@skip(if: false)')).toBeUndefined()
  })

  it.each(['-1', 'null'])('document validation reports the literal initialCount %s', async count => {
    const query = `{ conferences(first: 2) { edges @stream(initialCount: ${count}) { cursor } } }`
    expect(await gateway.query(query, { as: null })).toEqual({
      errors: [
        expect.objectContaining({
          message: `\`initialCount\` of \`@stream\` is ${count}: expected an integer of 0 or more.`,
          extensions: expect.objectContaining({ code: 'GRAPHQL_VALIDATION_FAILED' }),
        }),
      ],
    })
  })

  it('document validation reports cyclic fragments as QUERY_TOO_DEEP', async () => {
    const fragments = Array.from(
      { length: 300 },
      (_, i) => `fragment F${i} on Account { ...F${(i + 1) % 300} ...F${(i + 2) % 300} }`,
    )
    expect(await gateway.query(`{ viewer { ...F0 } } ${fragments.join(' ')}`)).toMatchObject({
      errors: [{ extensions: { code: 'QUERY_TOO_DEEP' } }],
    })
  })
})

describe('invalid literals', () => {
  it.each([
    ['{ account(sid: "AC1") { sid } }', '"AC1" is not a valid AccountSid', 16],
    ['{ account(sid: 1) { sid } }', '1 is not a valid AccountSid', 16],
    [
      '{ conferences(filter: { createdOnOrAfter: "2024-02-31" }) { totalCount } }',
      '"2024-02-31" is not a valid Date',
      43,
    ],
  ])('the error of the invalid literal in %s contains the value and the place', async (query, message, column) => {
    expect((await gateway.query(query)).errors).toMatchObject([
      {
        message: expect.stringContaining(message),
        locations: [{ line: 1, column }],
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ])
  })

  it('the error of an invalid cursor contains the cursor and the place of the field', async () => {
    expect((await gateway.query('{ conferences(after: "invalid") { nodes { sid } } }')).errors).toMatchObject([
      {
        message: expect.stringContaining('`after: "invalid"`'),
        locations: [{ line: 1, column: 3 }],
        path: ['conferences'],
      },
    ])
  })
})

describe('invalid values of variables', () => {
  it.each([
    ['AccountSid', 'account(sid: $value) { sid }', 'AC1'],
    ['ConferenceSid', 'conference(sid: $value) { sid }', 'CF1'],
    ['CallSid', 'conferences(filter: { callSid: $value }) { totalCount }', 'CA1'],
    ['Date', 'conferences(filter: { createdOnOrAfter: $value }) { totalCount }', '2024-02-31'],
    ['ConferenceSid', 'conference(sid: $value) { sid }', 5],
  ])(
    'an invalid %s in a variable of %s fails only its own field, without an upstream request',
    async (type, field, value) => {
      const query = `query ($value: ${type}!) { failing: ${field} __typename }`
      gateway.takeUpstreamRequests()
      const { data, errors } = await gateway.query(query, { variables: { value } })
      expect(data).toEqual({ failing: null, __typename: 'Query' })
      expect(errors).toMatchObject([
        {
          message: expect.stringContaining(`${JSON.stringify(value)} is not a valid ${type}`),
          path: ['failing'],
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ])
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )
})

describe('initialCount of @stream as a variable', () => {
  const query = `query ($n: Int, $if: Boolean = true) { conferences(first: 2) { ...Edges } }
    fragment Edges on ConferenceConnection { edges @stream(initialCount: $n, if: $if) { cursor } }`

  it.each([-1, null])(
    'a variable for initialCount of @stream is rejected if %s, before any upstream request',
    async n => {
      gateway.sandbox.clearRequests()
      const invalidCount = {
        message: `\`initialCount\` of \`@stream\` is ${n}: expected an integer of 0 or more.`,
        extensions: { code: 'BAD_USER_INPUT' },
      }
      const byHttp = await gateway.query(query, { variables: { n } })
      const byWebSocket = await queryByWebSocket(gateway, { query, variables: { n } })
      const byDefault = await gateway.query(query.replace('$n: Int', `$n: Int = ${n}`))
      for (const { data, errors } of [byHttp, byWebSocket, byDefault]) {
        expect(data).toBeUndefined()
        expect(errors).toMatchObject([invalidCount])
      }
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  it('a variable for initialCount of @stream is ignored if nothing is streamed', async () => {
    const { data } = await gateway.query(query, { variables: { n: null, if: false } })
    expect(data.conferences.edges).toHaveLength(2)
    const singleResult = { headers: { accept: 'application/json' }, variables: { n: -1 } }
    expect((await gateway.query(query, singleResult)).data.conferences.edges).toHaveLength(2)
  })

  it('a variable for initialCount of @stream is accepted if 0 or more, and rejected by type if not a number', async () => {
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

describe('operation selection', () => {
  it.each([
    ['an unknown name', 'query A { __typename }', 'B', 'no operation "B": expected `operationName` to name one of "A"'],
    ['an empty name', 'query A { __typename }', '', 'no operation "": expected `operationName` to name one of "A"'],
    ['a name for an anonymous operation', '{ __typename }', 'B', 'no operation "B": expected a single operation'],
    [
      'several operations without a name',
      'query A { __typename } query B { __typename }',
      undefined,
      '2 operations: expected `operationName` to name one of "A", "B"',
    ],
    [
      'more than ten operations',
      Array.from({ length: 11 }, (_, i) => `query Q${i} { __typename }`).join(' '),
      undefined,
      /^The document contains 11 operations: expected `operationName` to name one of "Q0", .*, "Q9", and others\.$/,
    ],
    [
      'a document without operations',
      'fragment A on Query { __typename }',
      undefined,
      'no operation: expected a query, mutation or subscription',
    ],
    [
      'an unknown name in an invalid document',
      'query A { nothing }',
      'B',
      'no operation "B": expected `operationName` to name one of "A"',
    ],
  ])(
    'operation selection fails for %s with OPERATION_RESOLUTION_FAILURE and the operations of the document, over HTTP and WebSocket',
    async (_title, query, operationName, message) => {
      const params = { query, ...(operationName !== undefined && { operationName }) }
      const body = JSON.stringify(params)
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      const byHttp = await response.json()
      const expected = {
        errors: [
          {
            message: typeof message === 'string' ? `The document contains ${message}.` : expect.stringMatching(message),
            extensions: { code: 'OPERATION_RESOLUTION_FAILURE', requestId: expect.any(String) },
          },
        ],
      }
      expect([response.status, byHttp]).toEqual([400, expected])
      expect(await queryByWebSocket(gateway, params)).toEqual(expected)
    },
  )
})
