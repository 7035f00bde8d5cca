export interface TextBlock {
  /** Line of the first character, counted from 1. */
  readonly line: number
  readonly text: string
}

interface Comment extends TextBlock {
  readonly start: number
  /** Position after the last character. */
  readonly end: number
}

const BLANK = /\s+/y
const BLOCK_COMMENT = /\/\*([\s\S]*?)\*\//y
/** Line comments on consecutive lines form a single block. */
const LINE_COMMENTS = /\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/y
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y
const TEMPLATE_PART = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(`|\$\{|$)/y
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/y
const WORD = /[\w$]+/y

/** Tokens after which a slash starts a regular expression. After all other tokens, a slash is a division. */
const BEFORE_REGEX = /^(?:[([{}=,;:!&|?+\-*%<>~^]|return|typeof|case|in|of|delete|void|throw|new|await|yield|else|do)?$/

/** Finds the comments in TypeScript or JavaScript; ignores strings, templates and regular expressions. */
export function findComments(source: string): Comment[] {
  const blocks: Comment[] = []
  // Number of open braces inside each unfinished `${…}`, the innermost last.
  const depths: number[] = []
  let position = 0
  let previous = ''
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position
    const match = pattern.exec(source)
    if (match !== null) position = pattern.lastIndex
    return match
  }
  const takeTemplate = () => {
    position++
    if (take(TEMPLATE_PART)?.[1] === '${') depths.push(0)
  }

  while (position < source.length) {
    if (take(BLANK) !== null) continue
    const start = position
    const line = () => source.slice(0, start).split('\n').length
    const comment = take(BLOCK_COMMENT) ?? take(LINE_COMMENTS)
    if (comment !== null) {
      const text = (comment[1] ?? comment[0]).replace(/^[ \t]*(?:\*|\/\/)/gm, ' ')
      blocks.push({ line: line(), text, start, end: position })
      continue
    }
    const token = (take(STRING) ?? (BEFORE_REGEX.test(previous) ? take(REGEX) : null)) !== null ? 'literal' : null
    previous = token ?? take(WORD)?.[0] ?? source.charAt(position)
    if (position > start) continue
    const depth = depths.at(-1)
    if (previous === '`') takeTemplate()
    else if (previous === '}' && depth === 0) {
      depths.pop()
      takeTemplate()
    } else {
      if (depth !== undefined && previous === '{') depths[depths.length - 1] = depth + 1
      if (depth !== undefined && previous === '}') depths[depths.length - 1] = depth - 1
      position++
    }
  }
  return blocks
}

/** Counts the lines which are neither blank nor only a comment. */
export function countCodeLines(source: string): number {
  let code = source
  for (const { start, end } of findComments(source).reverse()) code = code.slice(0, start) + code.slice(end)
  return code.split('\n').filter(line => line.trim() !== '').length
}
