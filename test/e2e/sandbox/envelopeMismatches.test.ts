import { expect, it } from 'vitest'
import { account, type SandboxClient, startSandboxClient } from './sandboxClient.ts'

const ENVELOPE = ['page', 'num_pages', 'page_size', 'total', 'start', 'end', 'uri', 'first_page_uri'] as const

const envelopeOf = (response: Record<string, unknown>) =>
  Object.fromEntries(ENVELOPE.map(member => [member, response[member]]))

/** Requests alternately the lists of two accounts with clearly different totals. */
async function alternateRequests({ readJson }: SandboxClient, times: number) {
  const responses = []
  for (let round = 0; round < times; round++) {
    await readJson('conf137', '/Conferences?PageSize=30&Page=1')
    responses.push(await readJson('conf51', '/Conferences?PageSize=10&Page=2'))
  }
  return responses
}

it('the sandbox returns no mismatched envelope by default', async () => {
  const responses = await alternateRequests(await startSandboxClient(), 20)
  for (const response of responses) expect(response).toMatchObject({ total: 51, page: 2, page_size: 10 })
})

it('a mismatched envelope without mixing is the complete envelope of a different request, with the correct rows', async () => {
  const client = await startSandboxClient({ mismatchedEnvelopes: { rate: 1, mixed: 0 } })
  const [first, ...others] = await alternateRequests(client, 10)
  const { sid } = account('conf51')
  for (const response of [first, ...others]) {
    expect(response?.conferences).toHaveLength(10)
    expect(response?.conferences.every(row => row.account_sid === sid)).toBe(true)
  }
  expect(others.map(envelopeOf)).toContainEqual({
    page: 1,
    num_pages: 4,
    page_size: 30,
    total: 137,
    start: '30',
    end: '59',
    uri: `/2012-04-24/Accounts/${account('conf137').sid}/Conferences`,
    first_page_uri: `/2012-04-24/Accounts/${account('conf137').sid}/Conferences?Page=0&PageSize=30`,
  })
})

it('mismatched envelopes of the sandbox have the configured rate', async () => {
  const client = await startSandboxClient({ mismatchedEnvelopes: { rate: 0.2, seed: 5, mixed: 0 } })
  const responses = await alternateRequests(client, 300)
  const mismatched = responses.filter(({ total }) => total !== 51).length
  expect(mismatched).toBeGreaterThan(30)
  expect(mismatched).toBeLessThan(90)
})

it('mismatched envelopes of the sandbox are reproducible by the seed', async () => {
  const options = { rate: 0.5, seed: 9, serverErrors: 0.1 }
  const bodies = async (seed: number) => {
    const { send } = await startSandboxClient({ mismatchedEnvelopes: { ...options, seed } })
    const responses: string[] = []
    for (let round = 0; round < 20; round++) {
      responses.push((await send(round % 2 ? 'conf51' : 'conf137', '/Conferences?PageSize=10')).body)
    }
    return responses
  }
  expect(await bodies(9)).toEqual(await bodies(9))
  expect(await bodies(10)).not.toEqual(await bodies(9))
})

it('setMismatchedEnvelopes switches mismatched envelopes on and off at run time and uses earlier requests', async () => {
  const client = await startSandboxClient()
  await client.readJson('conf137', '/Conferences?PageSize=7')
  client.sandbox.setMismatchedEnvelopes({ rate: 1, mixed: 0 })
  expect(await client.readJson('conf51', '/Conferences')).toMatchObject({ total: 137, page_size: 7 })
  client.sandbox.setMismatchedEnvelopes(null)
  expect(await client.readJson('conf51', '/Conferences')).toMatchObject({ total: 51, page_size: 50 })
})

it('a mismatched envelope is synthesized from the rows if no different request was received', async () => {
  const client = await startSandboxClient({ mismatchedEnvelopes: { rate: 1, mixed: 0 } })
  for (const list of ['/Conferences', '/Calls']) {
    const { uri } = await client.readJson('conf51', list)
    expect(uri).toMatch(/^\/2012-04-24\/Accounts\/AC/)
    expect(uri).not.toContain(account('conf51').sid)
  }
})

it('a mismatched envelope comes from the same kind of list only', async () => {
  const { sandbox, readJson } = await startSandboxClient({ mismatchedEnvelopes: { rate: 1, mixed: 0 } })
  const conferences = sandbox.rows.conferencesOf(account('part').sid)
  for (const { sid } of conferences) {
    const { uri } = await readJson('part', `/Conferences/${sid}/Participants`)
    expect(uri).toMatch(/\/Participants$/)
    expect(uri).not.toContain(sid)
  }
  await readJson('conf51', '/Conferences')
  await readJson('part', '/Calls')
  expect((await readJson('calls', '/Calls')).uri).toBe(`/2012-04-24/Accounts/${account('part').sid}/Calls`)
})

it('the sandbox returns single resources without mismatched envelopes and simulated server errors', async () => {
  const { sandbox, send } = await startSandboxClient({ mismatchedEnvelopes: { rate: 1, serverErrors: 0.9 } })
  const [conference] = sandbox.rows.conferencesOf(account('conf51').sid)
  for (let round = 0; round < 10; round++)
    expect((await send('conf51', `/Conferences/${conference?.sid}`)).status).toBe(200)
})

it('list responses of the sandbox have status 500 at the configured rate', async () => {
  const { sandbox, send } = await startSandboxClient({
    mismatchedEnvelopes: { rate: 0, serverErrors: 0.25, seed: 2 },
  })
  for (let round = 0; round < 200; round++) await send('conf51', '/Conferences?PageSize=1')
  const errors = sandbox.requests.filter(request => request.status === 500).length
  expect(errors).toBeGreaterThan(25)
  expect(errors).toBeLessThan(75)
})

it('a mixed envelope can have a mismatched total with the correct uri, page and page size', async () => {
  const client = await startSandboxClient({ mismatchedEnvelopes: { rate: 1, mixed: 1, seed: 4 } })
  const responses = await alternateRequests(client, 60)
  const uri = `/2012-04-24/Accounts/${account('conf51').sid}/Conferences`
  expect(responses).toContainEqual(expect.objectContaining({ uri, page: 2, page_size: 10, total: 137 }))
})
