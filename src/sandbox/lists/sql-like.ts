export const isPattern = (text: string): boolean => /[%_]/.test(text)

/** SQL's LIKE: `%` is any text, `_` any one character, nothing escapes them, and null is like nothing. */
export const like = (pattern: string): ((text: string | null) => boolean) =>
  isPattern(pattern) ? text => text !== null && matches(text, pattern) : text => text === pattern

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
