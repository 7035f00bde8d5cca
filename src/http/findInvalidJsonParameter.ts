const JSON_PARAMETERS = ['variables', 'extensions'] as const

/** Returns the name of the first query parameter with invalid JSON; null if all parameters are valid. */
export function findInvalidJsonParameter(url: string): string | null {
  const start = url.indexOf('?')
  if (start < 0) return null
  const parameters = new URLSearchParams(url.slice(start + 1))
  return JSON_PARAMETERS.find(name => !isJson(parameters.get(name))) ?? null
}

function isJson(text: string | null): boolean {
  if (text === null || text === '') return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
