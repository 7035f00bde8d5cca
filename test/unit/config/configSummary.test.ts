import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { configSummary, graphqlUrl } from '../../../src/config/configSummary.ts'
import { readConfig } from '../../../src/config.ts'

const SID = `AC${'5'.repeat(32)}`
const RESTCOMM = { RESTCOMM_URL: 'https://restcomm.example.com/restcomm' }
const SERVICE = { ...RESTCOMM, RESTCOMM_ACCOUNT_SID: SID, RESTCOMM_AUTH_TOKEN: 'the-token' }
const API_KEYS = { API_KEY_HASHES: 'ab'.repeat(32) }
const TOKENS = {
  JWT_JWKS_FILE: 'test/fixtures/jwks.json',
  JWT_ISSUER: 'https://id.example.com',
  JWT_AUDIENCE: 'us',
}

it.each<[Record<string, string>, string]>([
  [RESTCOMM, 'sent by each client'],
  [{}, 'demo account, for requests without credentials'],
  [{ ...SERVICE, ...API_KEYS }, `${SID}, for clients with an API key`],
  [TOKENS, 'demo account, for clients with a token'],
  [{ ...TOKENS, ...API_KEYS }, 'demo account, for clients with an API key or a token'],
])('configSummary of %j names the clients which may use the credentials', (settings, clients) => {
  expect(configSummary(readConfig(settings), null)).toContain(`  credentials  ${clients}\n`)
})

it.each<[Record<string, string>, string | null, string]>([
  [RESTCOMM, null, 'https://restcomm.example.com/restcomm'],
  [{}, null, 'embedded sandbox'],
  [{}, 'http://127.0.0.1:1/restcomm', 'embedded sandbox at http://127.0.0.1:1/restcomm'],
])('configSummary of %j with the sandbox %j names the upstream', (settings, sandboxUrl, upstream) => {
  expect(configSummary(readConfig(settings), sandboxUrl)).toContain(`  Restcomm     ${upstream}\n`)
})

it.each([
  ['1', ''],
  ['3', '  workers      3\n'],
  ['auto', `  workers      ${availableParallelism()} (one for each CPU core)\n`],
])('configSummary with WORKERS=%s ends with the number of workers, if there are several', (count, line) => {
  const settings = { ...RESTCOMM, WORKERS: count }
  expect(configSummary(readConfig(settings), null).split('sent by each client\n')[1]).toBe(line)
})

it.each([
  ['0.0.0.0', 'true', 'http://localhost:4000/graphql (open in a browser for GraphiQL)'],
  ['192.0.2.1', 'true', 'http://192.0.2.1:4000/graphql (open in a browser for GraphiQL)'],
  ['127.0.0.1', 'false', 'http://localhost:4000/graphql'],
])('graphqlUrl with HOST=%s and GRAPHIQL=%s is the URL for clients on the same machine', (HOST, GRAPHIQL, url) => {
  expect(graphqlUrl(readConfig({ ...RESTCOMM, HOST, GRAPHIQL }), 4000)).toBe(url)
})
