import { findComments, type TextBlock } from './comments.ts'

/** Pronouns and similar words that stand for a noun. Readers have to search for the noun. */
const POINTING_WORD =
  /\b(?:who|whom|whoever|what|whatever|that|those|this|these|it|its|such|one|ones|others?|another|none|nobody|anybody|somebody|told|there)\b/gi
const WORD = /[A-Za-z']+/g
/** Shorter passages are not measured, because a single pointing word would decide the share. */
const MIN_WORDS = 6

/** A passage counts as hard to read if the share of pointing words is at least `HARD_SHARE`. */
const HARD_SHARE = 0.2
const MAX_SHARE = 0.03
const MAX_HARD_SHARE = 0.01

export const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'generated',
  '__generated__',
  'artefacts',
  'results',
])

export interface Passage extends TextBlock {
  readonly file: string
  readonly words: number
  readonly pointingWords: number
}

export interface ProseReport {
  readonly words: number
  readonly passages: number
  readonly share: number
  readonly maxShare: number
  readonly hardPassages: number
  readonly maxHardPassages: number
  readonly isWithinLimits: boolean
  /** All passages, sorted by the share of pointing words in descending order. */
  readonly worst: readonly Passage[]
}

/** Returns the comments or paragraphs with at least `MIN_WORDS` words. Inline code counts as a single word. */
export function findPassages(file: string, text: string): Passage[] {
  return findText(file, text).flatMap(({ line, text }) => {
    const words = text.match(WORD)?.length ?? 0
    if (words < MIN_WORDS) return []
    return [{ file, line, text: text.replace(/\s+/g, ' ').trim(), words, pointingWords: countPointingWords(text) }]
  })
}

export function countPointingWords(text: string): number {
  return text.match(POINTING_WORD)?.length ?? 0
}

export function shareOf({ pointingWords, words }: Passage): number {
  return pointingWords / words
}

export function reportProse(passages: readonly Passage[]): ProseReport {
  const words = passages.reduce((sum, passage) => sum + passage.words, 0)
  const pointingWords = passages.reduce((sum, passage) => sum + passage.pointingWords, 0)
  const share = words === 0 ? 0 : pointingWords / words
  const hardPassages = passages.filter(passage => shareOf(passage) >= HARD_SHARE).length
  const maxHardPassages = Math.floor(passages.length * MAX_HARD_SHARE)
  return {
    words,
    passages: passages.length,
    share,
    maxShare: MAX_SHARE,
    hardPassages,
    maxHardPassages,
    isWithinLimits: share <= MAX_SHARE && hardPassages <= maxHardPassages,
    worst: passages.toSorted((a, b) => shareOf(b) - shareOf(a)),
  }
}

function findText(file: string, text: string): TextBlock[] {
  if (file.endsWith('.md')) return findParagraphs(text)
  if (!/\.(?:ts|js|mjs)$/.test(file)) return []
  return findComments(text).map(({ line, text }) => ({ line, text: text.replace(/`[^`]*`/g, 'x') }))
}

function findParagraphs(markdown: string): TextBlock[] {
  const prose = markdown.replace(/```[\s\S]*?```/g, block => block.replace(/[^\n]/g, ' ')).replace(/`[^`\n]*`/g, 'x')
  const blocks: TextBlock[] = []
  let line = 1
  for (const part of prose.split(/(\n\s*\n)/)) {
    const isText = /\S/.test(part) && !/^\s*#/.test(part)
    if (isText) blocks.push({ line: line + lineBreaks(/^\s*/.exec(part)?.[0] ?? ''), text: part })
    line += lineBreaks(part)
  }
  return blocks
}

function lineBreaks(text: string): number {
  return text.split('\n').length - 1
}
