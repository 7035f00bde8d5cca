import { ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { expect, it, vi } from 'vitest'
import { graphiqlPage } from '../../../src/http/graphiql.ts'

it('the page is in memory once, however many want it as it is, or zipped', { timeout: 60_000 }, async () => {
  const page = graphiqlPage('Basic')
  const sent = async (headers: Record<string, string>) => {
    const response = new ServerResponse({ method: 'GET', headers } as never)
    const end = vi.spyOn(response, 'end')
    await page(response)
    return end.mock.calls[0]?.[0] as unknown as Buffer
  }
  const [first, second, third] = [...(await Promise.all([sent({}), sent({})])), await sent({})]
  expect(first.length).toBeGreaterThan(1_000_000)
  // A comparison that shows the difference would take minutes.
  expect(second === first && third === first).toBe(true)
  const zipped = await sent({ 'accept-encoding': 'gzip' })
  expect(gunzipSync(zipped).equals(first)).toBe(true)
  expect((await sent({ 'accept-encoding': 'gzip' })) === zipped).toBe(true)
})
