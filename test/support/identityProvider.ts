import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: JWK
}

/** Claims of a token. An undefined value removes a default claim. */
export type Claims = Readonly<Record<string, unknown>>

export interface IdentityProvider {
  /** Settings with which a gateway accepts the tokens of this provider. */
  readonly settings: Readonly<Record<string, string>>
  readonly requestCount: number
  readonly publicKey: JWK
  /** Further keys of the JWKS. */
  extraKeys: readonly JWK[]
  behaviour: 'responds' | 'fails' | 'hangs' | 'sendsHtml'
  /** Returns a token, which is valid for five minutes unless `claims` contains `exp`. */
  token(claims?: Claims, header?: Readonly<Record<string, unknown>>): Promise<string>
  rotate(): Promise<void>
  close(): Promise<void>
}

const ISSUER = 'https://id.example.com/'
const AUDIENCE = 'restcomm-graphql'

const newKey = async (algorithm: string, number: number): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  const kid = `key-${number}`
  return { kid, privateKey, publicKey: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' } }
}

export async function startIdentityProvider(algorithm = 'ES256'): Promise<IdentityProvider> {
  let key = await newKey(algorithm, 1)
  let keyCount = 1
  let requestCount = 0
  const server = createServer((_request, response) => {
    requestCount++
    if (provider.behaviour === 'responds')
      response.end(JSON.stringify({ keys: [key.publicKey, ...provider.extraKeys] }))
    else if (provider.behaviour === 'fails') response.writeHead(503).end()
    else if (provider.behaviour === 'sendsHtml') response.end('<html>Down for maintenance</html>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const provider: IdentityProvider = {
    settings: {
      JWT_JWKS_URL: `http://127.0.0.1:${port}/keys`,
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
    },
    get requestCount() {
      return requestCount
    },
    get publicKey() {
      return key.publicKey
    },
    extraKeys: [],
    behaviour: 'responds',
    token: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1_000)
      const all = { iss: ISSUER, aud: AUDIENCE, sub: 'user-1', exp: now + 300, ...claims }
      return new SignJWT(all).setProtectedHeader({ alg: algorithm, kid: key.kid, ...header }).sign(key.privateKey)
    },
    rotate: async () => {
      key = await newKey(algorithm, ++keyCount)
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return provider
}
