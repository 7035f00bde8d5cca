import { ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { expect, it, vi } from 'vitest'
import { createGraphiqlHandler } from '../../../src/http/graphiql.ts'

it('GraphiQL shares one copy of the page between all responses, compressed or not', { timeout: 60_000 }, async () => {
  const handler = createGraphiqlHandler('basic')
  const sent = async (headers: Record<string, string>) => {
    const response = new ServerResponse({ method: 'GET', headers } as never)
    const end = vi.spyOn(response, 'end')
    await handler(response)
    return end.mock.calls[0]?.[0] as unknown as Buffer
  }
  const [first, second, third] = [...(await Promise.all([sent({}), sent({})])), await sent({})]
  expect(first.length).toBeGreaterThan(1_000_000)
  // `toBe` on the buffers would spend minutes on printing a difference.
  expect(second === first && third === first).toBe(true)
  const zipped = await sent({ 'accept-encoding': 'gzip' })
  expect(gunzipSync(zipped).equals(first)).toBe(true)
  expect((await sent({ 'accept-encoding': 'gzip' })) === zipped).toBe(true)
})
