import { onTestFinished } from 'vitest'
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/index.ts'
import { startSandbox } from '../../../src/sandbox/index.ts'
import type { RawRequest, RawResponse } from './rawRequest.ts'
import { basic, rawRequest } from './rawRequest.ts'
import { recordedRows } from './recordings.ts'

const recorded = recordedRows()

export const recordedAccounts = recorded.labels.accounts

/** The credentials of an account of the recorded rows, by its label. */
export function account(label: string): { sid: string; password: string } {
  const found = recordedAccounts[label]
  if (found === undefined) throw new Error(`No recorded account is labelled ${label}.`)
  return found
}

export const ACCOUNTS_PATH = '/restcomm/2012-04-24/Accounts'

type WireRow = Record<string, unknown> & { sid: string }

/** The members that tests read. */
export interface ListJson extends Record<string, unknown> {
  total: number
  uri: string
  conferences: WireRow[]
  calls: WireRow[]
}

export interface SandboxClient {
  sandbox: Sandbox
  /** Sends a GET with `Accept: application/json` for a path below the account. */
  send: (label: string, path: string, request?: RawRequest) => Promise<RawResponse>
  /** Like `send`, but returns the parsed JSON. */
  readJson: (label: string, path: string, request?: RawRequest) => Promise<ListJson>
}

/** Starts a sandbox with the recorded rows; closed after the test. */
export async function startSandboxClient(options: Partial<SandboxOptions> = {}): Promise<SandboxClient> {
  const sandbox = await startSandbox({ rows: recorded, ...options })
  onTestFinished(() => sandbox.close())
  const send = (label: string, path: string, request: RawRequest = {}) => {
    const { sid, password } = account(label)
    const headers = { Accept: 'application/json', Authorization: basic(sid, password), ...request.headers }
    return rawRequest(sandbox.url, `${ACCOUNTS_PATH}/${sid}${path}`, { ...request, headers })
  }
  return { sandbox, send, readJson: async (...args) => JSON.parse((await send(...args)).body) }
}

export function form(fields: Record<string, string>): RawRequest {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  }
}
