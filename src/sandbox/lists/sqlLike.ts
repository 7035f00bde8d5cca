export const isPattern = (text: string): boolean => /[%_]/.test(text)

type Matcher = (text: string | null) => boolean

/** SQL's LIKE: `%` is any text, `_` any one character, nothing escapes them, and null is like nothing. */
export const like = (pattern: string): Matcher => {
  if (!isPattern(pattern)) return text => text === pattern
  const simple = simpleMatcher(pattern)
  return text => text !== null && (simple === null ? matches(text, pattern) : simple(text))
}

// Nearly every pattern only begins or ends with a wildcard, and those are worth a fast way over long lists.
const simpleMatcher = (pattern: string): ((text: string) => boolean) | null => {
  const inner = pattern.replace(/^%/, '').replace(/%$/, '')
  if (isPattern(inner)) return null
  if (!pattern.startsWith('%')) return text => text.startsWith(inner)
  return pattern.endsWith('%') ? text => text.includes(inner) : text => text.endsWith(inner)
}

// Goes back to the last `%` alone when stuck, which is enough, and keeps hostile patterns from taking forever.
const matches = (text: string, pattern: string): boolean => {
  let at = 0
  let place = 0
  let wildcard = -1
  let resume = 0
  while (at < text.length) {
    if (pattern[place] === '%') {
      wildcard = place++
      resume = at
    } else if (pattern[place] === '_' || pattern[place] === text[at]) {
      place++
      at++
    } else if (wildcard >= 0) {
      place = wildcard + 1
      at = ++resume
    } else return false
  }
  while (pattern[place] === '%') place++
  return place === pattern.length
}
