import { buildSchema, type GraphQLObjectType, isObjectType } from 'graphql'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { apiSdl } from '../../src/graphql/schema.ts'
import { startDemo } from '../support/demo.ts'
import { accountOf, basic, startGateway, type TestGateway } from '../support/gateway.ts'
import { type Chromium, type OpenOptions, type OpenPage, startChromium } from './chromium.ts'

let chromium: Chromium
let gateway: TestGateway
let open: OpenPage
let page: Page

beforeAll(async () => {
  chromium = await startChromium()
})
afterAll(() => chromium?.close())

/** Opens the page of this gateway before each test. */
const before = (start: () => Promise<TestGateway>, options?: OpenOptions): void => {
  beforeAll(async () => {
    gateway = await start()
  })
  beforeEach(async () => {
    open = await chromium.open(gateway.url, options)
    page = open.page
    await editor('response').waitFor()
  })
  afterEach(() => open?.close())
  afterAll(() => gateway?.close())
}

type EditorName = 'operation' | 'request-headers' | 'response'

const editor = (name: EditorName): Locator => page.locator(`.monaco-editor[data-uri*="-${name}."]`)

/** The lines in sight; Monaco draws no others, has these in any order, and its spaces do not break. */
const linesIn = async (name: EditorName): Promise<string[]> =>
  (await editor(name).locator('.view-line').allInnerTexts()).map(line => line.replaceAll('\u00a0', ' ').trim())

const write = async (name: EditorName, text: string): Promise<void> => {
  await editor(name).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Delete')
  await page.keyboard.type(text)
}

/** Once every word has its colour, which Monaco gives a little after the text. */
const picture = async (path: string): Promise<void> => {
  for (const name of ['operation', 'response'] as const) {
    await expect.poll(() => editor(name).locator('.mtk1', { hasText: /\w/ }).count()).toBe(0)
  }
  await page.screenshot({ path })
}

/** Suggestions of the editor may lie over the button; they go when the editor is left. */
const execute = async (): Promise<void> => {
  const button = page.getByRole('button', { name: 'Execute query' })
  await button.focus()
  await button.click()
}

const openDocumentation = () => page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
const documentation = () => page.getByRole('region', { name: 'Documentation Explorer' })

describe('GraphiQL on the demo', () => {
  before(startDemo)

  it('is served by the gateway alone, and has nothing to complain of', async () => {
    await execute()
    await openDocumentation()
    await documentation().getByRole('link', { name: 'Conference', exact: true }).click()
    await write('operation', '{ viewer { friendlyN')
    await page.getByRole('option', { name: 'friendlyName' }).waitFor()
    expect(open.elsewhere).toEqual([])
    expect(open.requests.filter(url => !/^(?:blob|data):/.test(url) && url !== gateway.url)).toEqual([])
    expect(open.complaints).toEqual([])
  })

  it('shows who is in which room at one click', async () => {
    await expect.poll(() => linesIn('operation')).toContain('query Rooms {')
    await execute()
    await expect.poll(() => linesIn('response')).toContainEqual(expect.stringMatching(/^"callerName": ".+"/))
    expect(await linesIn('response')).toContainEqual(expect.stringMatching(/^"dateCreated": ".+"/))
    await picture('artefacts/graphiql.png')
  })

  it('has the query of its address, and an address with the query that is written', async () => {
    const linked = await chromium.open(`${gateway.url}?query=${encodeURIComponent('{ viewer { sid } }')}`)
    page = linked.page
    try {
      await expect.poll(() => linesIn('operation')).toEqual(['{ viewer { sid } }'])
      await write('operation', '{ __typename }')
      await expect.poll(() => new URL(page.url()).searchParams.get('query')).toContain('{ __typename')
    } finally {
      await linked.close()
    }
  })

  it('has an example of which every line fits', async () => {
    await expect.poll(() => linesIn('operation')).toContain('query Rooms {')
    const { x: left = 0, width = 0 } = (await editor('operation').boundingBox()) ?? {}
    for (const line of await editor('operation').locator('.view-line > span').all()) {
      const box = await line.boundingBox()
      expect((box?.x ?? 0) + (box?.width ?? 0), await line.innerText()).toBeLessThan(left + width)
    }
  })

  it('explains a type, a field and an argument', async () => {
    const conference = objectType('Conference')
    const participants = conference.getFields().participants
    await openDocumentation()
    await documentation().getByRole('link', { name: 'Conference', exact: true }).click()
    await expect.poll(explained).toContain(plain(conference.description))
    await documentation().getByRole('link', { name: 'participants', exact: true }).click()
    await expect.poll(explained).toContain(plain(participants?.description))
    expect(await explained()).toContain(plain(participants?.args.find(({ name }) => name === 'first')?.description))
  })
})

describe('GraphiQL without credentials of the gateway', () => {
  before(startGateway)

  it('is refused until a header is written, and is then its account', async () => {
    await write('operation', '{ viewer { sid')
    await execute()
    await expect.poll(() => linesIn('response')).toContain('"code": "UNAUTHENTICATED",')
    await write('request-headers', JSON.stringify({ Authorization: basic('conf137') }))
    await execute()
    await expect.poll(() => linesIn('response')).toContain(`"sid": "${accountOf('conf137').sid}"`)
  })

  it('shows the events of a subscription as they happen, with the header that is written', async () => {
    const { rows } = gateway.sandbox
    const account = accountOf('part').sid
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const room = `{ conference(accountSid: "${account}", sid: "${sid}") { id } }`
    const { id } = (await gateway.query(room, { as: 'part' })).data.conference
    await write('request-headers', JSON.stringify({ Authorization: basic('part') }))
    await write('operation', `subscription { conferenceEvents(conferenceId: "${id}") { __typename`)
    await execute()
    await expect.poll(() => linesIn('response')).toContain('"__typename": "ConferenceSnapshot"')
    rows.addCall({ account_sid: account, conference_sid: sid })
    await expect.poll(() => linesIn('response')).toContain('"__typename": "ParticipantJoined"')
  })

  it('shows the place for credentials from the start, and explains the schema without any', async () => {
    const place = expect.stringMatching(/^"Authorization": "Basic <.*>"/)
    await expect.poll(() => linesIn('request-headers')).toContainEqual(place)
    await openDocumentation()
    await documentation().getByRole('link', { name: 'Conference', exact: true }).click()
    await expect.poll(explained).toContain(plain(objectType('Conference').description))
  })
})

/** Each is over once the other host has answered, or could not be asked. */
const WAYS_OUT = [
  ['itself', `fetch('http://elsewhere.example/page').catch(() => {})`, 'GET http://elsewhere.example/page'],
  [
    'for an image',
    `new Promise(resolve => {
      const image = new Image()
      image.onload = image.onerror = () => resolve()
      image.src = 'https://elsewhere.example/image'
    })`,
    'CONNECT elsewhere.example:443',
  ],
  [
    'from a worker',
    `new Promise(resolve => {
      const script = "fetch('http://elsewhere.example/worker').catch(() => {}).then(() => postMessage('over'))"
      new Worker(URL.createObjectURL(new Blob([script]))).onmessage = () => resolve()
    })`,
    'GET http://elsewhere.example/worker',
  ],
] as const

describe('A page that asks another host', () => {
  before(startDemo)

  it.each(WAYS_OUT)('%s is kept from it by its policy', async (_how, script) => {
    await page.evaluate(script)
    expect(open.elsewhere).toEqual([])
  })

  it('or has a script that somebody put there does not run it', async () => {
    await page.evaluate(`{
      const script = document.createElement('script')
      script.textContent = 'globalThis.ran = true'
      document.body.append(script)
      const image = document.createElement('div')
      image.innerHTML = '<img src="data:," onerror="globalThis.ran = true">'
      document.body.append(image)
    }`)
    await expect.poll(() => open.complaints.length).toBeGreaterThan(1)
    expect(open.complaints.every(complaint => complaint.includes('Content Security Policy'))).toBe(true)
    expect(await page.evaluate('globalThis.ran')).toBeUndefined()
  })
})

// That nothing is noticed elsewhere says something only if it would be.
describe('A page that its policy would not keep from asking another host', () => {
  before(startDemo, { bypassCSP: true })

  it.each(WAYS_OUT)('%s is noticed', async (_how, script, noticed) => {
    await page.evaluate(script)
    expect(open.elsewhere).toContain(noticed)
  })
})

const schema = buildSchema(apiSdl('own'))

const objectType = (name: string): GraphQLObjectType => {
  const type = schema.getType(name)
  if (!isObjectType(type)) throw new Error(`The schema has no object type ${name}.`)
  return type
}

const explained = async (): Promise<string> => plain(await documentation().innerText())

/** As it reads: without line ends of its own, and without the marks of Markdown. Never empty, since '' is everywhere. */
const plain = (text: string | null | undefined): string =>
  (text || '(no description)').replace(/\s+/g, ' ').replaceAll('`', '')
