import { buildSchema, type GraphQLObjectType, isObjectType } from 'graphql'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { apiSdl } from '../../src/graphql/schema.ts'
import { startDemo } from '../support/demo.ts'
import { accountOf, basic, startGateway, type TestGateway } from '../support/gateway.ts'
import { type Chromium, type OpenOptions, type OpenPage, startChromium } from './chromium.ts'

let chromium: Chromium
let gateway: TestGateway
let openPage: OpenPage
let page: Page

beforeAll(async () => {
  chromium = await startChromium()
})
afterAll(() => chromium?.close())

/** Starts a gateway for the block and opens GraphiQL before each test. */
function useGraphiql(start: () => Promise<TestGateway>, options?: OpenOptions): void {
  beforeAll(async () => {
    gateway = await start()
  })
  beforeEach(async () => {
    openPage = await chromium.open(gateway.url, options)
    page = openPage.page
    await editor('response').waitFor()
  })
  afterEach(() => openPage?.close())
  afterAll(() => gateway?.close())
}

type EditorName = 'operation' | 'request-headers' | 'response'

const editor = (name: EditorName): Locator => page.locator(`.monaco-editor[data-uri*="-${name}."]`)

/** The visible lines, in any order. Monaco renders only visible lines, with non-breaking spaces. */
const visibleLines = async (name: EditorName): Promise<string[]> =>
  (await editor(name).locator('.view-line').allInnerTexts()).map(line => line.replaceAll('\u00a0', ' ').trim())

/** Inserts the text at once. Typed characters would let the auto-completion change the text. */
async function enterText(name: EditorName, text: string): Promise<void> {
  await editor(name).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}

/** Takes a screenshot after syntax highlighting, which Monaco applies after the text. */
async function takeScreenshot(path: string): Promise<void> {
  for (const name of ['operation', 'response'] as const) {
    await expect.poll(() => editor(name).locator('.mtk1', { hasText: /\w/ }).count()).toBe(0)
  }
  await page.screenshot({ path })
}

/** Suggestions of the editor may cover the button; the focus change closes the suggestions. */
async function execute(): Promise<void> {
  const button = page.getByRole('button', { name: 'Execute query' })
  await button.focus()
  await button.click()
}

const openDocumentation = () => page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
const documentation = () => page.getByRole('region', { name: 'Documentation Explorer' })

describe('GraphiQL with the demo account', () => {
  useGraphiql(startDemo)

  it('GraphiQL sends requests to the gateway only and logs no errors', async () => {
    await execute()
    await openDocumentation()
    await documentation().getByRole('link', { name: 'Conference', exact: true }).click()
    await enterText('operation', '{ viewer { friendlyN')
    await page.keyboard.press('Control+Space')
    await page.getByRole('option', { name: 'friendlyName' }).waitFor()
    expect(openPage.externalRequests).toEqual([])
    expect(openPage.requests.filter(url => !/^(?:blob|data):/.test(url) && url !== gateway.url)).toEqual([])
    expect(openPage.consoleErrors).toEqual([])
  })

  it('GraphiQL executes the example query and shows the participants of the conferences', async () => {
    await expect.poll(() => visibleLines('operation')).toContain('query RunningConferences {')
    await execute()
    await expect.poll(() => visibleLines('response')).toContainEqual(expect.stringMatching(/^"callerName": ".+"/))
    expect(await visibleLines('response')).toContainEqual(expect.stringMatching(/^"dateCreated": ".+"/))
    await takeScreenshot('artefacts/graphiql.png')
  })

  it('GraphiQL reads the query from the URL and writes the edited query into the URL', async () => {
    const linked = await chromium.open(`${gateway.url}?query=${encodeURIComponent('{ viewer { sid } }')}`)
    page = linked.page
    try {
      await expect.poll(() => visibleLines('operation')).toEqual(['{ viewer { sid } }'])
      await enterText('operation', '{ __typename }')
      await expect.poll(() => new URL(page.url()).searchParams.get('query')).toContain('{ __typename')
    } finally {
      await linked.close()
    }
  })

  it('GraphiQL shows every line of the example query in full width', async () => {
    await expect.poll(() => visibleLines('operation')).toContain('query RunningConferences {')
    const { x: left = 0, width = 0 } = (await editor('operation').boundingBox()) ?? {}
    for (const line of await editor('operation').locator('.view-line > span').all()) {
      const box = await line.boundingBox()
      expect((box?.x ?? 0) + (box?.width ?? 0), await line.innerText()).toBeLessThan(left + width)
    }
  })

  it('GraphiQL shows the descriptions of a type, a field and an argument', async () => {
    const conference = objectType('Conference')
    const participants = conference.getFields().participants
    await openDocumentation()
    await documentation().getByRole('link', { name: 'Conference', exact: true }).click()
    await expect.poll(documentationText).toContain(plainText(conference.description))
    await documentation().getByRole('link', { name: 'participants', exact: true }).click()
    await expect.poll(documentationText).toContain(plainText(participants?.description))
    expect(await documentationText()).toContain(
      plainText(participants?.args.find(({ name }) => name === 'first')?.description),
    )
  })
})

describe('GraphiQL with the credentials of the client', () => {
  useGraphiql(startGateway)

  it('GraphiQL is UNAUTHENTICATED without an Authorization header and uses the account of the header', async () => {
    await enterText('operation', '{ viewer { sid')
    await execute()
    await expect.poll(() => visibleLines('response')).toContain('"code": "UNAUTHENTICATED",')
    await enterText('request-headers', JSON.stringify({ Authorization: basic('conf137') }))
    await execute()
    await expect.poll(() => visibleLines('response')).toContain(`"sid": "${accountOf('conf137').sid}"`)
  })

  it('GraphiQL shows the events of a subscription with the Authorization header of the header editor', async () => {
    const { rows } = gateway.sandbox
    const account = accountOf('part').sid
    const { sid } = rows.addConference({ account_sid: account, status: 'RUNNING_MODERATOR_PRESENT' })
    const conferenceQuery = `{ conference(accountSid: "${account}", sid: "${sid}") { id } }`
    const { id } = (await gateway.query(conferenceQuery, { as: 'part' })).data.conference
    await enterText('request-headers', JSON.stringify({ Authorization: basic('part') }))
    await enterText('operation', `subscription { conferenceEvents(conferenceId: "${id}") { __typename`)
    await execute()
    await expect.poll(() => visibleLines('response')).toContain('"__typename": "ConferenceSnapshot"')
    rows.addCall({ account_sid: account, conference_sid: sid })
    await expect.poll(() => visibleLines('response')).toContain('"__typename": "ParticipantJoined"')
  })

  it('GraphiQL shows a placeholder for credentials, and the schema without credentials', async () => {
    const placeholder = expect.stringMatching(/^"Authorization": "Basic <.*>"/)
    await expect.poll(() => visibleLines('request-headers')).toContainEqual(placeholder)
    await openDocumentation()
    await documentation().getByRole('link', { name: 'Conference', exact: true }).click()
    await expect.poll(documentationText).toContain(plainText(objectType('Conference').description))
  })
})

/** Scripts with an external request; a script ends after the response or the failure. */
const EXTERNAL_REQUESTS = [
  [
    'fetch() in the page',
    `fetch('http://elsewhere.example/page').catch(() => {})`,
    'GET http://elsewhere.example/page',
  ],
  [
    'an image element',
    `new Promise(resolve => {
      const image = new Image()
      image.onload = image.onerror = () => resolve()
      image.src = 'https://elsewhere.example/image'
    })`,
    'CONNECT elsewhere.example:443',
  ],
  [
    'fetch() in a worker',
    `new Promise(resolve => {
      const script = "fetch('http://elsewhere.example/worker').catch(() => {}).then(() => postMessage('over'))"
      new Worker(URL.createObjectURL(new Blob([script]))).onmessage = () => resolve()
    })`,
    'GET http://elsewhere.example/worker',
  ],
] as const

describe('the Content-Security-Policy of GraphiQL', () => {
  useGraphiql(startDemo)

  it.each(EXTERNAL_REQUESTS)('the Content-Security-Policy blocks external requests by %s', async (_title, script) => {
    await page.evaluate(script)
    expect(openPage.externalRequests).toEqual([])
  })

  it('the Content-Security-Policy blocks injected scripts', async () => {
    await page.evaluate(`{
      const script = document.createElement('script')
      script.textContent = 'globalThis.ran = true'
      document.body.append(script)
      const image = document.createElement('div')
      image.innerHTML = '<img src="data:," onerror="globalThis.ran = true">'
      document.body.append(image)
    }`)
    await expect.poll(() => openPage.consoleErrors.length).toBeGreaterThan(1)
    expect(openPage.consoleErrors.every(text => text.includes('Content Security Policy'))).toBe(true)
    expect(await page.evaluate('globalThis.ran')).toBeUndefined()
  })
})

// The counterpart: without the policy, the proxy receives the requests.
describe('GraphiQL without a Content-Security-Policy', () => {
  useGraphiql(startDemo, { bypassCSP: true })

  it.each(EXTERNAL_REQUESTS)('the test proxy records external requests by %s', async (_title, script, recorded) => {
    await page.evaluate(script)
    expect(openPage.externalRequests).toContain(recorded)
  })
})

const schema = buildSchema(apiSdl())

function objectType(name: string): GraphQLObjectType {
  const type = schema.getType(name)
  if (!isObjectType(type)) throw new Error(`The schema has no object type ${name}.`)
  return type
}

const documentationText = async (): Promise<string> => plainText(await documentation().innerText())

/** Joins lines and removes Markdown quotes. A missing description becomes a text which no page contains. */
const plainText = (text: string | null | undefined): string =>
  (text || '(no description)').replace(/\s+/g, ' ').replaceAll('`', '')
