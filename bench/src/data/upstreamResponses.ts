import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { conferenceFingerprint } from '../../../src/loaders/conferenceLists.ts'
import { encodeOffsetCursor } from '../../../src/relay/cursor.ts'
import { coveringPage } from '../../../src/relay/rowLocator.ts'
import { handleRequest } from '../../../src/sandbox/http/requestHandler.ts'
import { jsonText } from '../../../src/sandbox/http/response.ts'
import { EnvelopeMismatchSimulator } from '../../../src/sandbox/lists/envelopeMismatchSimulator.ts'
import type { Account, TestData } from './testData.ts'

export const BASE_PATH = '/restcomm'
const API_PATH = `${BASE_PATH}/2012-04-24`

export const PAGE = 50
/** Number of references in an `_entities` query. */
export const REFERENCES = 100
export const DEEP_PAGE = 20

/** Requested page sizes. Some servers request an extra row for `hasNextPage`. */
const FIRST_PAGE_SIZES = [1, PAGE, PAGE + 1, REFERENCES, REFERENCES + 1]

/** Offsets of pages near the start and in the last third of the list. The first page needs no cursor. */
export const SHALLOW_OFFSETS = Array.from({ length: 64 }, (_, i) => DEEP_PAGE * (i + 1))
export const DEEP_OFFSETS = Array.from({ length: 64 }, (_, i) => DEEP_PAGE * (i + 168))

/** Returns the gateway's cursor for the row before an offset. */
export function cursorBefore({ sid, conferences }: Account, offset: number): string {
  return encodeOffsetCursor(conferenceFingerprint(sid, {}, null), {
    position: offset - 1,
    id: conferences[offset - 1] ?? '',
  })
}

/** Upstream pages for the rows from `start`. Some servers request an extra row before or after the page. */
function deepPages(start: number): string[] {
  return [
    [start, DEEP_PAGE],
    [start, DEEP_PAGE + 1],
    [start - 1, DEEP_PAGE + 1],
    [start - 1, DEEP_PAGE + 2],
  ].flatMap(([offset = 0, count = 0]) => {
    const page = coveringPage(offset, count, 1_000)
    return page === null ? [] : [`?Page=${page.page}&PageSize=${page.size}`]
  })
}

/** All request targets of the workloads, each with an account which may read the target. */
function* requestTargets({
  runningAccounts,
  completedAccounts,
  longListAccount,
}: TestData): Generator<[account: Account, target: string]> {
  for (const account of [...runningAccounts, ...completedAccounts]) {
    const list = `${API_PATH}/Accounts/${account.sid}/Conferences`
    const length = account.conferences.length
    for (const size of [...FIRST_PAGE_SIZES, length, length + 1]) yield [account, `${list}?Page=0&PageSize=${size}`]
    for (const sid of account.conferences.slice(0, REFERENCES)) yield [account, `${list}/${sid}`]
    for (const sid of account.conferences.slice(0, PAGE + 1)) yield [account, `${list}/${sid}/Participants`]
  }
  const pages = new Set([...SHALLOW_OFFSETS, ...DEEP_OFFSETS].flatMap(deepPages))
  for (const page of pages) yield [longListAccount, `${API_PATH}/Accounts/${longListAccount.sid}/Conferences${page}`]
}

/** Returns the path of the response file. The `map` in nginxConfig.ts follows the same rule. */
function responseFile(target: string): string {
  const { pathname, searchParams } = new URL(target, 'http://upstream')
  const size = searchParams.get('PageSize')
  return size === null ? `${pathname}.json` : `${pathname}/${searchParams.get('Page')}-${size}.json`
}

const SETTINGS = { dialect: 'connect', pagedParticipants: false, maxPageSize: null } as const

/** Renders the sandbox's response, without a server. */
export function responseTo({ rows }: TestData, { authorization }: Account, target: string): string {
  const state = { rows, mismatchSimulator: new EnvelopeMismatchSimulator(), settings: SETTINGS }
  const headers = { authorization, accept: 'application/json' }
  const log = { method: 'GET', path: target, status: 0, rowsSent: 0, account: null, accept: null }
  const { status, json, escapesHtml } = handleRequest(state, { method: 'GET', target, headers, body: '' }, log)
  if (json === undefined) throw new Error(`The sandbox responded with status ${status} to ${target}.`)
  return jsonText(json, escapesHtml)
}

/** Writes the sandbox's responses as files for nginx. Returns the number of files. */
export function writeResponses(folder: string, data: TestData): number {
  const createdFolders = new Set<string>()
  let count = 0
  for (const [account, target] of requestTargets(data)) {
    const file = folder + responseFile(target)
    const parent = dirname(file)
    if (!createdFolders.has(parent)) {
      mkdirSync(parent, { recursive: true })
      createdFolders.add(parent)
    }
    writeFileSync(file, responseTo(data, account, target))
    count++
  }
  return count
}
