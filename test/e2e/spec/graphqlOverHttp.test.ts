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

  it('graphql-http has 61 audits of GraphQL over HTTP', () => {
    expect(audits).toHaveLength(61)
  })

  // MUST, SHOULD and MAY.
  it.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))(
    'graphql-http audit $id passes: $name',
    async ({ fn }) => {
      const result = await fn()
      expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok')
    },
  )
})
