import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { conferenceFingerprint } from '../../../src/loaders/conferenceConnection.ts'
import { anchorCursor } from '../../../src/relay/cursor.ts'
import { coveringPage } from '../../../src/relay/window.ts'
import { answer } from '../../../src/sandbox/http/answer.ts'
import { jsonText } from '../../../src/sandbox/http/reply.ts'
import { ForeignEnvelopes } from '../../../src/sandbox/lists/foreign-envelopes.ts'
import type { Account, Data } from './rows.ts'

/** What everything that is asked begins with. */
export const BASE_PATH = '/restcomm'
const API = `${BASE_PATH}/2012-04-24`

/** The first conferences of a list, whose participants can be asked for. */
export const PAGE = 50
/** How many references a router asks for at once. */
export const REFERENCES = 100
/** The rows of a page that lies deep in a list. */
export const DEEP_PAGE = 20

/** Sizes of the first page that somebody may ask for: those of the workloads, with the row that tells of a next page. */
const FIRST_PAGES = [1, PAGE, PAGE + 1, REFERENCES, REFERENCES + 1]

/** The rows behind which a page begins, in the first quarter of the long list and in the last. */
export const SHALLOW_PLACES = Array.from({ length: 64 }, (_, i) => DEEP_PAGE * (i + 1))
export const DEEP_PLACES = Array.from({ length: 64 }, (_, i) => DEEP_PAGE * (i + 168))

/** The cursor of this gateway for the row before a place in the list of an account. */
export const cursorBefore = ({ sid, conferences }: Account, place: number): string =>
  anchorCursor(conferenceFingerprint(sid, {}, null), { position: place - 1, id: conferences[place - 1] ?? '' })

/** The pages by which somebody may read 20 rows from here: as they are, or with a neighbour on either side. */
const pagesAt = (place: number): string[] =>
  [
    [place, DEEP_PAGE],
    [place, DEEP_PAGE + 1],
    [place - 1, DEEP_PAGE + 1],
    [place - 1, DEEP_PAGE + 2],
  ].flatMap(([offset = 0, count = 0]) => {
    const page = coveringPage(offset, count, 1_000)
    return page === null ? [] : [`?Page=${page.page}&PageSize=${page.size}`]
  })

/** Everything that is asked for, each with who may ask it. */
function* targets({ busy, history, deep }: Data): Generator<[account: Account, target: string]> {
  for (const account of [...busy, ...history]) {
    const list = `${API}/Accounts/${account.sid}/Conferences`
    const length = account.conferences.length
    for (const size of [...FIRST_PAGES, length, length + 1]) yield [account, `${list}?Page=0&PageSize=${size}`]
    for (const sid of account.conferences.slice(0, REFERENCES)) yield [account, `${list}/${sid}`]
    for (const sid of account.conferences.slice(0, PAGE + 1)) yield [account, `${list}/${sid}/Participants`]
  }
  const pages = new Set([...SHALLOW_PLACES, ...DEEP_PLACES].flatMap(pagesAt))
  for (const page of pages) yield [deep, `${API}/Accounts/${deep.sid}/Conferences${page}`]
}

/** Where nginx looks for the answer to a target; see its configuration. */
const fileOf = (target: string): string => {
  const { pathname, searchParams } = new URL(target, 'http://upstream')
  const size = searchParams.get('PageSize')
  return size === null ? `${pathname}.json` : `${pathname}/${searchParams.get('Page')}-${size}.json`
}

const SETTINGS = { dialect: 'connect', pagedParticipants: false, maxPageSize: null } as const

/** What the sandbox answers to a target of this account. */
export const answerTo = ({ rows }: Data, { authorization }: Account, target: string): string => {
  const ground = { rows, race: new ForeignEnvelopes(), settings: SETTINGS }
  const headers = { authorization, accept: 'application/json' }
  const log = { method: 'GET', path: target, status: 0, rowsSent: 0, account: null, accept: null }
  const reply = answer(ground, { method: 'GET', target, headers, body: '' }, log)
  if (reply.json === undefined) throw new Error(`The sandbox answers ${target} with ${reply.status}.`)
  return jsonText(reply.json, reply.escapesHtml)
}

/** Writes the sandbox's answers as files, so that a server of files can stand in for it, and tells how many. */
export const writeAnswers = (folder: string, data: Data): number => {
  const made = new Set<string>()
  let count = 0
  for (const [account, target] of targets(data)) {
    const file = folder + fileOf(target)
    const parent = dirname(file)
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true })
      made.add(parent)
    }
    writeFileSync(file, answerTo(data, account, target))
    count++
  }
  return count
}
