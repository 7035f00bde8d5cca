import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Sandbox } from '../../../src/sandbox/index.ts'
import { startSandbox } from '../../../src/sandbox/index.ts'
import type { RawResponse } from './rawRequest.ts'
import { rawRequest } from './rawRequest.ts'
import type { Recording } from './recordings.ts'
import { recordedRows, recordings } from './recordings.ts'

const all = recordings()

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ rows: recordedRows() })
})
afterAll(() => sandbox.close())

const RACE = 'a mismatched envelope or a 500 of sixteen concurrent clients: tested in envelopeMismatches.test.ts'
const XML_OF_NULL = 'Restcomm fails to write a null name as XML, and the sandbox writes no XML'

/** Recordings without a comparison, with the reason. */
const NOT_REPLAYED: Record<string, string> = {
  'race-conf-0': RACE,
  'race-conf-1': RACE,
  'race-conf-2': RACE,
  'race-conf-3': RACE,
  'race-part-0': RACE,
  'race-part-1': RACE,
  'race-part-2': RACE,
  'conf-one-nullname-xml': XML_OF_NULL,
  'conf-list-nullname-xml': XML_OF_NULL,
}

const WADL = 'the body is a WADL description of the server; only status and headers are compared'

/** Recordings without a comparison of the body, with the reason. */
const BODY_NOT_COMPARED: Record<string, string> = {
  'verb-OPTIONS-conf-list': WADL,
  'verb-OPTIONS-conf-one': WADL,
  'verb-OPTIONS-part-list': WADL,
  'verb-OPTIONS-conf-list-plain': WADL,
  'verb-OPTIONS-conf-list-wadl': WADL,
}

/** Recordings with a comparison of the dates of rows only, with the reason. */
const SAME_MILLISECOND: Record<string, string> = {
  'calls-conference-part60-page1':
    'several calls were created in the same millisecond, and the database orders equal dates differently with and ' +
    'without an offset; the page ends between two such calls, so that a row and the next link differ',
}

const CALL = 'ID8deb35fc5121429fa96635aebe3976d2-CA5b7ed0cd89c29b159505c951cf414b31'
const mute = () => sandbox.rows.updateCall(CALL, { muted: true })

/** Writes missing in the recordings, by the id of the next recording. */
const PREPARATIONS: Record<string, { write: () => unknown; missing: string }> = {
  'mute-true-after': { write: mute, missing: 'Mute=true on the call, with the result read by this GET' },
  'mute-lowerkey': { write: mute, missing: 'Mute=true between this request and the previous request' },
}

const replay = ({ request }: Recording): Promise<RawResponse> => {
  const form = request.form === undefined ? undefined : new URLSearchParams(request.form).toString()
  const body = request.body ?? form
  const { method, path, headers } = request
  return rawRequest(sandbox.url, path, { method, headers, ...(body !== undefined && { body }) })
}

/** Parses JSON and returns other text unchanged. After a write, `date_updated` is the current time in both bodies. */
const comparable = (id: string, body: string): unknown => {
  if (!/^[[{]/.test(body)) return body
  const json = JSON.parse(body)
  if (/^(call)?mute-/.test(id)) delete json.date_updated
  if (id in SAME_MILLISECOND) {
    json.calls = json.calls.map((call: { date_created: string }) => call.date_created)
    delete json.next_page_uri
  }
  return json
}

const isXml = ({ response }: Recording): boolean => response.headers['Content-Type'] === 'application/xml'

const replayed = all.filter(({ id }) => !(id in NOT_REPLAYED))

// A single sandbox replays the recordings in order: a mute changes the responses of later recordings.
describe('the sandbox with the recorded rows sends the recorded response', () => {
  it.each(replayed.filter(recording => !isXml(recording)))('the sandbox replays the recording $id', async recording => {
    const { id, response } = recording
    PREPARATIONS[id]?.write()
    const answer = await replay(recording)
    expect(answer.status).toBe(response.status)
    expect(answer.headers.allow).toBe(response.headers.Allow)
    expect(answer.headers['www-authenticate']).toBe(response.headers['WWW-Authenticate'])
    if (response.container_page || id in BODY_NOT_COMPARED) return
    expect(answer.headers['content-type']).toBe(response.headers['Content-Type'])
    expect(comparable(id, answer.body)).toEqual(comparable(id, response.body))
  })
})

describe('the sandbox answers 406 without a body where Restcomm answers XML', () => {
  it.each(replayed.filter(isXml))(
    'the sandbox answers 406 without a body to the recording $id, where Restcomm answers XML',
    async recording => {
      expect(await replay(recording)).toMatchObject({ status: 406, body: '' })
    },
  )
})

it('every exception of the replay names an existing recording', () => {
  const ids = new Set(all.map(({ id }) => id))
  const named = [NOT_REPLAYED, BODY_NOT_COMPARED, SAME_MILLISECOND, PREPARATIONS].flatMap(Object.keys)
  expect(named.filter(id => !ids.has(id))).toEqual([])
  expect(ids.size).toBe(all.length)
})

it('the sandbox writes the recorded JSON byte for byte, with equal escapes and spaces', async () => {
  const fresh = await startSandbox({ rows: recordedRows() })
  onTestFinished(() => fresh.close())
  const ids = ['filter-none', 'part-page-5-PageSize2', 'call-one-nullprice-json', 'conf-list-ctrl-json']
  const chosen = all.filter(({ id }) => ids.includes(id))
  expect(chosen).toHaveLength(ids.length)
  for (const { request, response } of chosen) {
    const { body } = await rawRequest(fresh.url, request.path, { headers: request.headers })
    expect(body).toBe(response.body)
  }
})
