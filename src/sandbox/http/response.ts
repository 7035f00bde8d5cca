export type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [name: string]: Json }

/** A response before serialisation. If `json` and `text` are missing, the body is an error page. */
export interface SandboxResponse {
  status: number
  json?: Json
  text?: string
  /** The content type of `text`. */
  contentType?: string
  headers?: Readonly<Record<string, string>>
  /** Whether JSON escapes `= & < > '`, as Restcomm does only for calls, participants and recordings. */
  escapesHtml?: boolean
  rowsSent?: number
}

/** Thrown by endpoints to end a request with an error response. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly response: SandboxResponse

  constructor(status: number, response: Omit<SandboxResponse, 'status'> = {}) {
    super(`${status}`)
    this.response = { status, ...response }
  }
}

const HTML_CHARACTERS = /[=&<>'\u2028\u2029]/g
const LINE_SEPARATORS = /[\u2028\u2029]/g

const toEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Like Restcomm, indents by two spaces and always escapes U+2028 and U+2029. Omits undefined members. */
export function jsonText(json: Json, escapesHtml = false): string {
  return JSON.stringify(json, null, 2).replace(escapesHtml ? HTML_CHARACTERS : LINE_SEPARATORS, toEscape)
}

/** The HTML page that Restcomm's servlet container sends for an error without a body. */
export function errorPage(status: number): string {
  return `<html><head><title>Error ${status}</title></head><body><h1>HTTP Status ${status}</h1></body></html>\n`
}
