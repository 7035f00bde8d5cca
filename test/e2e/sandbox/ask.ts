import { onTestFinished } from 'vitest'
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/index.ts'
import { startSandbox } from '../../../src/sandbox/index.ts'
import type { RawAnswer, RawRequest } from './rawRequest.ts'
import { basic, rawRequest } from './rawRequest.ts'
import { recordedRows } from './recordings.ts'

const recorded = recordedRows()

export const recordedAccounts = recorded.labels.accounts

/** The credentials of an account of the recorded rows, by its label. */
export const account = (label: string): { sid: string; password: string } => {
  const found = recordedAccounts[label]
  if (found === undefined) throw new Error(`No recorded account is labelled ${label}.`)
  return found
}

export const ROOT = '/restcomm/2012-04-24/Accounts'

type WireRow = Record<string, unknown> & { sid: string }

/** The members that tests read. */
export interface WireAnswer extends Record<string, unknown> {
  total: number
  uri: string
  conferences: WireRow[]
  calls: WireRow[]
}

export interface Asking {
  sandbox: Sandbox
  /** Sends a GET with `Accept: application/json` for a path below the account. */
  ask: (label: string, path: string, sent?: RawRequest) => Promise<RawAnswer>
  /** Like `ask`, but returns the parsed JSON. */
  json: (label: string, path: string, sent?: RawRequest) => Promise<WireAnswer>
}

/** Starts a sandbox with the recorded rows; closed after the test. */
export const startRecorded = async (options: Partial<SandboxOptions> = {}): Promise<Asking> => {
  const sandbox = await startSandbox({ rows: recorded, ...options })
  onTestFinished(() => sandbox.close())
  const ask = (label: string, path: string, sent: RawRequest = {}) => {
    const { sid, password } = account(label)
    const headers = { Accept: 'application/json', Authorization: basic(sid, password), ...sent.headers }
    return rawRequest(sandbox.url, `${ROOT}/${sid}${path}`, { ...sent, headers })
  }
  return { sandbox, ask, json: async (...asked) => JSON.parse((await ask(...asked)).body) }
}

export const form = (fields: Record<string, string>): RawRequest => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
})
