import type { Attempt, News, ToldError, Version } from '../live/replication/replicaBus.ts'

/** What replicas that watch the same say to each other. `from` is who says it, for whoever hears itself. */
export type Message =
  | { readonly kind: 'news'; readonly from: string; readonly news: News }
  | { readonly kind: 'error'; readonly from: string; readonly error: ToldError }
  | { readonly kind: 'question'; readonly from: string; readonly question: string; readonly atOnce: boolean }
  | { readonly kind: 'attempt'; readonly from: string; readonly attempt: Attempt }
  | { readonly kind: 'handed'; readonly from: string; readonly to: string; readonly term: number }
  | { readonly kind: 'vacant'; readonly from: string }
  | { readonly kind: 'nudge'; readonly from: string; readonly subjects: readonly string[] }

/** Null for what is no message, be it that another version of the gateway sent it. */
export const messageOf = (text: string): Message | null => {
  try {
    const value: unknown = JSON.parse(text)
    return isMessage(value) ? value : null
  } catch {
    return null
  }
}

/** `[term, look]` as text and back; null for another text. */
export const versionOf = (text: unknown): Version | null => {
  const [, term, look] = typeof text === 'string' ? (/^(\d{1,15}) (\d{1,15})$/.exec(text) ?? []) : []
  return term === undefined || look === undefined ? null : [Number(term), Number(look)]
}
export const versionText = ([term, look]: Version): string => `${term} ${look}`

type Members = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(text => typeof text === 'string')
const isOptionalText = (value: unknown): boolean => value === null || typeof value === 'string'

const isNews = (value: unknown): boolean => {
  if (!isObject(value) || !areTexts(value.answers)) return false
  const { version } = value
  return Array.isArray(version) && version.length === 2 && version.every(Number.isSafeInteger)
}

const isError = (value: unknown): boolean =>
  isObject(value) &&
  isOptionalText(value.failure) &&
  isOptionalText(value.code) &&
  typeof value.message === 'string' &&
  typeof value.lasts === 'boolean'

const isMessage = (value: unknown): value is Message => {
  if (!isObject(value) || typeof value.from !== 'string') return false
  switch (value.kind) {
    case 'news':
      return isNews(value.news)
    case 'error':
      return isError(value.error)
    case 'question':
      return typeof value.question === 'string' && typeof value.atOnce === 'boolean'
    case 'attempt':
      return value.attempt === 'failed' || value.attempt === 'tries' || value.attempt === 'can'
    case 'handed':
      return typeof value.to === 'string' && Number.isSafeInteger(value.term)
    case 'vacant':
      return true
    case 'nudge':
      return areTexts(value.subjects)
    default:
      return false
  }
}
