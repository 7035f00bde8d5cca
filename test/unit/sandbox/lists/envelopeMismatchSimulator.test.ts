import { describe, expect, it } from 'vitest'
import type { EnvelopeFields } from '../../../../src/sandbox/lists/envelope.ts'
import { MEMBER_COUNT } from '../../../../src/sandbox/lists/envelope.ts'
import {
  EnvelopeMismatchSimulator,
  overwriteFields,
  randomWritePositions,
} from '../../../../src/sandbox/lists/envelopeMismatchSimulator.ts'
import { seededRandom } from '../../../../src/sandbox/random.ts'
import type { Asking } from '../../../e2e/sandbox/ask.ts'
import { account, startRecorded } from '../../../e2e/sandbox/ask.ts'

const ENVELOPE = ['page', 'num_pages', 'page_size', 'total', 'start', 'end', 'uri', 'first_page_uri'] as const

const envelopeOf = (answer: Record<string, unknown>) =>
  Object.fromEntries(ENVELOPE.map(member => [member, answer[member]]))

/** Alternating requests for the lists of two accounts with clearly different totals. */
const askInTurn = async ({ json }: Asking, times: number) => {
  const answers = []
  for (let round = 0; round < times; round++) {
    await json('conf137', '/Conferences?PageSize=30&Page=1')
    answers.push(await json('conf51', '/Conferences?PageSize=10&Page=2'))
  }
  return answers
}

const OWN: EnvelopeFields = { total: 51, page: 2, pageSize: 10, uri: 'own' }
const RIVAL: EnvelopeFields = { total: 137, page: 1, pageSize: 30, uri: 'rival' }

describe('a mismatched envelope', () => {
  it('no envelope is mismatched by default', async () => {
    const answers = await askInTurn(await startRecorded(), 20)
    for (const answer of answers) expect(answer).toMatchObject({ total: 51, page: 2, page_size: 10 })
  })

  it('a mismatched envelope without mixing is the complete envelope of a different request, with the correct rows', async () => {
    const asking = await startRecorded({ mismatchedEnvelopes: { rate: 1, mixed: 0 } })
    const [first, ...others] = await askInTurn(asking, 10)
    const { sid } = account('conf51')
    for (const answer of [first, ...others]) {
      expect(answer?.conferences).toHaveLength(10)
      expect(answer?.conferences.every(row => row.account_sid === sid)).toBe(true)
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

  it('mismatched envelopes have the configured rate', async () => {
    const asking = await startRecorded({ mismatchedEnvelopes: { rate: 0.2, seed: 5, mixed: 0 } })
    const foreign = (await askInTurn(asking, 300)).filter(answer => answer.total !== 51).length
    expect(foreign).toBeGreaterThan(30)
    expect(foreign).toBeLessThan(90)
  })

  it('mismatched envelopes are reproducible by the seed', async () => {
    const settings = { rate: 0.5, seed: 9, serverErrors: 0.1 }
    const bodies = async (seed: number) => {
      const { ask } = await startRecorded({ mismatchedEnvelopes: { ...settings, seed } })
      const answers: string[] = []
      for (let round = 0; round < 20; round++) {
        answers.push((await ask(round % 2 ? 'conf51' : 'conf137', '/Conferences?PageSize=10')).body)
      }
      return answers
    }
    expect(await bodies(9)).toEqual(await bodies(9))
    expect(await bodies(10)).not.toEqual(await bodies(9))
  })

  it('setMismatchedEnvelopes switches the race on and off at run time and uses earlier requests', async () => {
    const asking = await startRecorded()
    await asking.json('conf137', '/Conferences?PageSize=7')
    asking.sandbox.setMismatchedEnvelopes({ rate: 1, mixed: 0 })
    expect(await asking.json('conf51', '/Conferences')).toMatchObject({ total: 137, page_size: 7 })
    asking.sandbox.setMismatchedEnvelopes(null)
    expect(await asking.json('conf51', '/Conferences')).toMatchObject({ total: 51, page_size: 50 })
  })

  it('a mismatched envelope is synthesized from the rows if no different request was received', async () => {
    const asking = await startRecorded({ mismatchedEnvelopes: { rate: 1, mixed: 0 } })
    for (const list of ['/Conferences', '/Calls']) {
      const { uri } = await asking.json('conf51', list)
      expect(uri).toMatch(/^\/2012-04-24\/Accounts\/AC/)
      expect(uri).not.toContain(account('conf51').sid)
    }
  })

  it('a mismatched envelope comes from the same kind of list only', async () => {
    const { sandbox, json } = await startRecorded({ mismatchedEnvelopes: { rate: 1, mixed: 0 } })
    const rooms = sandbox.rows.conferencesOf(account('part').sid)
    for (const room of rooms) {
      const { uri } = await json('part', `/Conferences/${room.sid}/Participants`)
      expect(uri).toMatch(/\/Participants$/)
      expect(uri).not.toContain(room.sid)
    }
    await json('conf51', '/Conferences')
    await json('part', '/Calls')
    expect((await json('calls', '/Calls')).uri).toBe(`/2012-04-24/Accounts/${account('part').sid}/Calls`)
  })

  it('single resources are never mismatched', async () => {
    const { sandbox, ask } = await startRecorded({ mismatchedEnvelopes: { rate: 1, serverErrors: 0.9 } })
    const [room] = sandbox.rows.conferencesOf(account('conf51').sid)
    for (let round = 0; round < 10; round++) expect((await ask('conf51', `/Conferences/${room?.sid}`)).status).toBe(200)
  })

  it('list responses with status 500 have the configured share', async () => {
    const { sandbox, ask } = await startRecorded({ mismatchedEnvelopes: { rate: 0, serverErrors: 0.25, seed: 2 } })
    for (let round = 0; round < 200; round++) await ask('conf51', '/Conferences?PageSize=1')
    const errors = sandbox.requests.filter(request => request.status === 500).length
    expect(errors).toBeGreaterThan(25)
    expect(errors).toBeLessThan(75)
  })
})

describe('a mixed envelope', () => {
  it('a mixed envelope can have a mismatched total with the correct uri, page and page size', async () => {
    const asking = await startRecorded({ mismatchedEnvelopes: { rate: 1, mixed: 1, seed: 4 } })
    const answers = await askInTurn(asking, 60)
    const uri = `/2012-04-24/Accounts/${account('conf51').sid}/Conferences`
    expect(answers).toContainEqual(expect.objectContaining({ uri, page: 2, page_size: 10, total: 137 }))
  })

  it('overwriteFields keeps a field before its write position and replaces the field from then on', () => {
    const at = overwriteFields(OWN, RIVAL, [1, 2, 2, 7])
    expect(at(0)).toEqual(OWN)
    expect(at(1)).toEqual({ ...OWN, total: 137 })
    expect(at(2)).toEqual({ ...RIVAL, uri: 'own' })
    expect(at(7)).toEqual(RIVAL)
  })

  it('random write positions follow the order total, page, page size, uri, and never replace all fields before the first read', () => {
    const random = seededRandom(11)
    for (let round = 0; round < 1_000; round++) {
      const moments = randomWritePositions(random)
      expect(moments).toEqual(moments.toSorted((one, other) => one - other))
      expect(moments[0]).toBeLessThan(MEMBER_COUNT)
      expect(moments).not.toEqual([0, 0, 0, 0])
    }
  })

  it('random write positions reach every read and every count of early writes', () => {
    const random = seededRandom(12)
    const seen = new Set<string>()
    for (let round = 0; round < 5_000; round++) {
      const [first = 0, ...rest] = randomWritePositions(random)
      seen.add(`${first}/${1 + rest.filter(moment => moment === first).length}`)
    }
    // Four writes at each of eleven positions, except for the complete copy.
    expect(seen.size).toBe(MEMBER_COUNT * 4 - 1)
  })
})

it('a mismatched envelope is synthesized if all earlier requests were equal', () => {
  const race = new EnvelopeMismatchSimulator()
  race.set({ rate: 1, mixed: 0 })
  race.simulate('calls', OWN, () => RIVAL)
  const second = race.simulate('calls', OWN, () => RIVAL)
  expect(typeof second === 'function' && second(0)).toEqual(RIVAL)
})
