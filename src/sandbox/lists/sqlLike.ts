export function hasWildcard(text: string): boolean {
  return /[%_]/.test(text)
}

type Matcher = (text: string | null) => boolean

/** SQL LIKE without an escape character: `%` matches any text and `_` any character. Null never matches. */
export function createLikeMatcher(pattern: string): Matcher {
  if (!hasWildcard(pattern)) return text => text === pattern
  const simple = simpleMatcher(pattern)
  return text => text !== null && (simple === null ? matches(text, pattern) : simple(text))
}

// Returns null if the pattern has a wildcard besides a `%` at the start or the end.
function simpleMatcher(pattern: string): ((text: string) => boolean) | null {
  const inner = pattern.replace(/^%/, '').replace(/%$/, '')
  if (hasWildcard(inner)) return null
  if (!pattern.startsWith('%')) return text => text.startsWith(inner)
  return pattern.endsWith('%') ? text => text.includes(inner) : text => text.endsWith(inner)
}

// Backtracks only to the last `%`, so the time is at most proportional to text length times pattern length.
function matches(text: string, pattern: string): boolean {
  let textIndex = 0
  let patternIndex = 0
  let lastWildcard = -1
  let retryFrom = 0
  while (textIndex < text.length) {
    if (pattern[patternIndex] === '%') {
      lastWildcard = patternIndex++
      retryFrom = textIndex
    } else if (pattern[patternIndex] === '_' || pattern[patternIndex] === text[textIndex]) {
      patternIndex++
      textIndex++
    } else if (lastWildcard >= 0) {
      patternIndex = lastWildcard + 1
      textIndex = ++retryFrom
    } else return false
  }
  while (pattern[patternIndex] === '%') patternIndex++
  return patternIndex === pattern.length
}
