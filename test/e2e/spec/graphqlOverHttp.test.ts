import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemo } from '../../support/demo.ts'
import type { TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startDemo()
})
afterAll(() => gateway.close())

describe('GraphQL over HTTP, audited by graphql-http', () => {
  const audits = serverAudits({ url: () => gateway.url })

  it('has 61 audits', () => {
    expect(audits).toHaveLength(61)
  })

  // MUST, SHOULD and MAY alike.
  it.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id $name', async ({ fn }) => {
    const result = await fn()
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok')
  })
})
