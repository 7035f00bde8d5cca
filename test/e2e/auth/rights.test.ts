import { createHash } from 'node:crypto'
import { buildSchema, type GraphQLField, getNamedType, isInputObjectType } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/config.ts'
import { apiSdl } from '../../../src/graphql/schema.ts'
import { accountOf, startGateway, type TestGateway } from '../../support/gateway.ts'
import { type IdentityProvider, startIdentityProvider } from '../../support/identityProvider.ts'
import { nodeIdOf } from '../../support/nodeId.ts'

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')
const accountSid = accountOf('part').sid
const RIGHTS = ['read', 'mute', 'hangup', 'mute+hangup']

let provider: IdentityProvider
let gateway: TestGateway
const startServiceGateway = (env: Record<string, string> = {}) => {
  const { sid, password } = accountOf('admin')
  const service = { RESTCOMM_ACCOUNT_SID: sid, RESTCOMM_AUTH_TOKEN: password }
  return startGateway({ env: { ...service, ...provider.settings, ...env } })
}
beforeAll(async () => {
  provider = await startIdentityProvider()
  const entries = RIGHTS.map(rights => `${hashOf(rights)}=${accountSid}/${rights}`)
  gateway = await startServiceGateway({ API_KEY_HASHES: [...entries, `${hashOf('all')}=${accountSid}`].join(', ') })
})
beforeEach(() => gateway.sandbox.clearRequests())
afterAll(async () => {
  await gateway.close()
  await provider.close()
})

const schema = buildSchema(apiSdl(readConfig({}).federation))
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})

/** A mutation of a running conference with one caller. */
function mutationOf({ name, args }: GraphQLField<unknown, unknown>) {
  const { sid } = gateway.sandbox.rows.addConference({ account_sid: accountSid, status: 'RUNNING_MODERATOR_PRESENT' })
  const call = gateway.sandbox.rows.addCall({ account_sid: accountSid, conference_sid: sid })
  const type = getNamedType(args[0]?.type)
  const fields = isInputObjectType(type) ? Object.keys(type.getFields()) : []
  const ids: Record<string, string> = {
    participantId: nodeIdOf('Participant', accountSid, sid, call.sid),
    conferenceId: nodeIdOf('Conference', accountSid, sid),
  }
  const input = fields.filter(field => field in ids).map(field => `${field}: "${ids[field]}"`)
  return `mutation { ${name}(input: { ${input.join(', ')} }) { userErrors { code } } }`
}

const send = (bearer: string, query: string, to = gateway) =>
  to.query(query, { as: null, headers: { authorization: `Bearer ${bearer}` } })

const codeOf = async (bearer: string, query: string, to = gateway) =>
  (await send(bearer, query, to)).errors?.[0]?.extensions?.code ?? 'OK'

const permittedBy = async (bearer: string, to = gateway) => {
  const codes = await Promise.all(mutations.map(field => codeOf(bearer, mutationOf(field), to)))
  return mutations.map(({ name }) => name).filter((_name, i) => codes[i] === 'OK')
}

const MUTE = ['muteParticipant', 'unmuteParticipant', 'muteConference']
const HANGUP = ['hangUpParticipant', 'endConference']

describe('an API key with limited rights', () => {
  it.each(mutations.map(field => ({ name: field.name, field })))(
    'a read-only key gets FORBIDDEN for $name with status 200, and nothing is sent to Restcomm',
    async ({ field }) => {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: {
          accept: 'application/graphql-response+json',
          authorization: 'Bearer read',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ query: mutationOf(field) }),
      })
      expect(response.status).toBe(200)
      const action = MUTE.includes(field.name) ? 'mute' : 'hangup'
      expect(await response.json()).toMatchObject({
        data: { [field.name]: null },
        errors: [
          {
            message:
              `These credentials do not permit the action \`${action}\`: use an API key with the right ` +
              `(\`/${action}\` in API_KEY_HASHES), or a token with the scope \`restcomm:${action}\`.`,
            path: [field.name],
            extensions: { code: 'FORBIDDEN' },
          },
        ],
      })
      expect(gateway.takeUpstreamRequests()).toEqual([])
    },
  )

  it.each([
    ['read', []],
    ['mute', MUTE],
    ['hangup', HANGUP],
    ['mute+hangup', [...MUTE, ...HANGUP]],
    ['all', [...MUTE, ...HANGUP]],
  ])('a key with the right %s may send the mutations of the right only', async (key, expected) => {
    expect((await permittedBy(key)).sort()).toEqual([...expected].sort())
  })

  it.each(RIGHTS)('a key with the right %s may read', async key => {
    expect((await send(key, '{ viewer { sid conferences { totalCount } } }')).data.viewer.sid).toBe(accountSid)
  })

  it('Basic credentials have all rights', async () => {
    const codes = await Promise.all(
      mutations.map(async field => (await gateway.query(mutationOf(field), { as: 'part' })).errors),
    )
    expect(codes.filter(errors => errors !== undefined)).toEqual([])
  })
})

describe('a token with scopes', () => {
  it.each([
    ['no scope', {}, [...MUTE, ...HANGUP]],
    ['scopes of other services', { scope: 'openid profile' }, [...MUTE, ...HANGUP]],
    ['restcomm:read', { scope: 'openid restcomm:read' }, []],
    ['restcomm:mute', { scope: 'restcomm:mute' }, MUTE],
    ['restcomm:hangup in an array', { scp: ['restcomm:hangup'] }, HANGUP],
    ['all scopes', { scp: 'restcomm:mute restcomm:hangup' }, [...MUTE, ...HANGUP]],
  ])('a token with %s may send the mutations of its scopes only', async (_label, claims, expected) => {
    const token = await provider.token({ accounts: accountSid, ...claims })
    expect((await permittedBy(token)).sort()).toEqual([...expected].sort())
    expect(await codeOf(token, '{ viewer { sid } }')).toBe('OK')
  })

  it('with JWT_REQUIRE_SCOPE, a token without a scope for the gateway is UNAUTHENTICATED', async () => {
    const strict = await startServiceGateway({ JWT_REQUIRE_SCOPE: 'true' })
    const tokenOf = (scope?: string) => provider.token({ accounts: accountSid, scope })
    for (const token of [await tokenOf(), await tokenOf('openid')]) {
      expect((await send(token, '{ viewer { sid } }', strict)).errors).toMatchObject([
        {
          message:
            'The token has no scope for this gateway: expected `restcomm:read`, `restcomm:mute` or ' +
            '`restcomm:hangup` in `scope` or `scp` (JWT_REQUIRE_SCOPE).',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ])
    }
    expect(await codeOf(await tokenOf('restcomm:read'), '{ viewer { sid } }', strict)).toBe('OK')
    await strict.close()
  })
})
