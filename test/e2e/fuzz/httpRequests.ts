import { basic } from '../../support/gateway.ts'
import type { Prng } from '../../support/prng.ts'
import { type FuzzRequest, splitIntoChunks } from './graphqlRequests.ts'

const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'TRACE', 'CONNECT', 'OPTIONS', 'get', 'FOO', '', 'G ET', 'PRI']
const PATHS = [
  '/graphql',
  '/graphql/',
  '//graphql',
  '/%67raphql',
  '/graphql?',
  '/graphql?query={__typename}',
  '/graphql?query=%ff%fe',
  '/graphql;x=1',
  '/GRAPHQL',
  '/',
  '/health',
  '/ready',
  '/metrics',
  '/metrics/../graphql',
  '/../../../../etc/passwd',
  '/..%2f..%2fetc%2fpasswd',
  '/src/main.ts',
  '/.env',
  'http://elsewhere.example.com/graphql',
  '*',
  'graphql',
  '/\x00',
  '/a b',
  `/${'x'.repeat(5_000)}`,
  `/graphql?query=${'x'.repeat(20_000)}`,
]
const VERSIONS = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'http/1.1', '']
const HEADERS = [
  'Host: a',
  'Host: a b c',
  'Host: [::1',
  'Host: a\r\nHost: b',
  'Host:',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 1e3',
  'Content-Length: 99999999999999999999',
  'Content-Length: 3\r\nContent-Length: 4',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 4',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: nonsense',
  'Expect: 100-continue',
  'Expect: nonsense',
  'Connection: keep-alive',
  'Connection: close',
  'Connection: Upgrade',
  'Upgrade: h2c',
  'Upgrade: websocket',
  'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
  'Content-Type: application/json',
  'Content-Type: \xff\xfe',
  'Accept: text/html',
  'Cookie: a=b; c',
  'Range: bytes=0-',
  'If-None-Match: *',
  'Accept-Encoding: gzip',
  'traceparent: 00-zz-zz-zz',
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'X-Forwarded-For: 127.0.0.1, ::1',
  'X-Request-Id: \x01',
  'no colon',
  ': no name',
  ' folded',
  'Bad Name: x',
  'X: a\rb',
  'X: \x00',
  `X-Long: ${'y'.repeat(9_000)}`,
  `X-Longest: ${'y'.repeat(20_000)}`,
]
const BODIES = [
  '',
  '{}',
  '{"query":"{__typename}"}',
  '18\r\n{"query":"{__typename}"}\r\n0\r\n\r\n',
  'zz\r\nnonsense\r\n0\r\n\r\n',
  '5\r\n{"que',
  'ffffffffffffffff\r\nx',
  '0\r\nTrailer: x\r\n\r\n',
  '-1\r\n\r\n',
  '1;ext="\r\n{\r\n0\r\n\r\n',
  'GET /health HTTP/1.1\r\nHost: a\r\n\r\n',
]

function randomRequest(prng: Prng): string {
  const headers = Array.from({ length: prng.integerBelow(6) }, () => prng.pick(HEADERS))
  if (prng.oneIn(2)) headers.unshift('Host: gateway.example.com')
  if (prng.oneIn(4)) headers.push(`Authorization: ${basic('conf1')}`)
  if (prng.oneIn(40)) headers.push(...Array.from({ length: 300 }, (_, i) => `X-${i}: ${i}`))
  const line = [prng.pick(METHODS), prng.pick(PATHS), prng.pick(VERSIONS)].join(' ')
  const end = prng.oneIn(12) ? prng.pick(['\n', '\r', '']) : '\r\n'
  return [line, ...headers, '', ''].join(end) + prng.pick(BODIES)
}

/** One to four HTTP requests, valid or malformed, or random bytes. */
export function httpRequest(prng: Prng): FuzzRequest {
  const bytes = prng.oneIn(10)
    ? prng.bytes(1 + prng.integerBelow(400))
    : Buffer.from(
        Array.from({ length: prng.oneIn(8) ? 2 + prng.integerBelow(3) : 1 }, () => randomRequest(prng)).join(''),
        'latin1',
      )
  const corrupted = prng.oneIn(5) ? Buffer.from(prng.corruptText(bytes.toString('latin1')), 'latin1') : bytes
  return {
    description: corrupted.subarray(0, 600).toString('latin1'),
    chunks: splitIntoChunks(prng, corrupted),
    expectsResponse: false,
  }
}
