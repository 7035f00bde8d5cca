export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [name: string]: Json }

/** An answer before it is written. At most one of `json` and `text`; without either it is an error page. */
export interface Reply {
  status: number
  json?: Json
  text?: string
  /** Of `text`; JSON says its own. */
  contentType?: string
  headers?: Readonly<Record<string, string>>
  /** Calls and participants write `= & < > '` as escapes, conferences do not. */
  escapesHtml?: boolean
  /** How many rows the answer carries. */
  rowsSent?: number
}

/** Ends a request early with this answer. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly reply: Reply

  constructor(status: number, reply: Omit<Reply, 'status'> = {}) {
    super(`${status}`)
    this.reply = { status, ...reply }
  }
}

const HTML = /[=&<>'\u2028\u2029]/g
const LINE_SEPARATORS = /[\u2028\u2029]/g

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Two spaces, null members left out by whoever made them undefined. */
export const jsonText = (json: Json, escapesHtml = false): string =>
  JSON.stringify(json, null, 2).replace(escapesHtml ? HTML : LINE_SEPARATORS, escaped)

/** The container's page for an answer without an entity. Clients must not read it. */
export const errorPage = (status: number): string =>
  `<html><head><title>Error ${status}</title></head><body><h1>HTTP Status ${status}</h1></body></html>\n`
