import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: JWK
}

/** A claim that is undefined is left out. */
export type Claims = Readonly<Record<string, unknown>>

/** Who makes tokens, and shows the keys that they can be checked with, as long as it behaves. */
export interface IdentityProvider {
  /** The settings of a gateway that trusts it. */
  readonly settings: Readonly<Record<string, string>>
  /** How often the keys were asked for. */
  readonly asked: number
  /** The public half of the key that it signs with. */
  readonly publicKey: JWK
  behaviour: 'answers' | 'fails' | 'hangs' | 'sends a page'
  /** A token that is good for five minutes, except for what these claims change. */
  token(claims?: Claims, header?: Readonly<Record<string, unknown>>): Promise<string>
  /** Signs with a new key, and shows that one alone. */
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

export const startIdentityProvider = async (algorithm = 'ES256'): Promise<IdentityProvider> => {
  let key = await newKey(algorithm, 1)
  let made = 1
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    if (provider.behaviour === 'answers') response.end(JSON.stringify({ keys: [key.publicKey] }))
    else if (provider.behaviour === 'fails') response.writeHead(503).end()
    else if (provider.behaviour === 'sends a page') response.end('<html>Down for maintenance</html>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const provider: IdentityProvider = {
    settings: {
      JWT_JWKS_URL: `http://127.0.0.1:${port}/keys`,
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
    },
    get asked() {
      return asked
    },
    get publicKey() {
      return key.publicKey
    },
    behaviour: 'answers',
    token: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1_000)
      const all = { iss: ISSUER, aud: AUDIENCE, sub: 'somebody', exp: now + 300, ...claims }
      return new SignJWT(all).setProtectedHeader({ alg: algorithm, kid: key.kid, ...header }).sign(key.privateKey)
    },
    rotate: async () => {
      key = await newKey(algorithm, ++made)
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return provider
}
