import { readFileSync } from 'node:fs'
import type { Rows } from '../../../src/sandbox/index.ts'

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

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')

export const recordedRowsText = (): string => fixture('rows.json')

export const recordedRows = (): Rows & { labels: { accounts: Record<string, { sid: string; password: string }> } } =>
  JSON.parse(recordedRowsText())

export const recordings = (): Recording[] => JSON.parse(fixture('recordings.json'))
