import type { Rows } from '../../../src/sandbox/index.ts'
import { fixture } from '../../support/fixtures.ts'

export interface Recording {
  id: string
  note: string
  request: {
    method: string
    path: string
    headers: Record<string, string>
    form?: Record<string, string>
    body?: string
  }
  response: { status: number; headers: Record<string, string>; body: string; container_page?: boolean }
}

export type RecordedRows = Rows & { labels: { accounts: Record<string, { sid: string; password: string }> } }

export function recordedRows(): RecordedRows {
  return JSON.parse(fixture('rows.json'))
}

export function recordings(): Recording[] {
  return JSON.parse(fixture('recordings.json'))
}
