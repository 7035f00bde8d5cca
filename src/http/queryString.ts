/** The parameters of a GET that are JSON, by the GraphQL over HTTP specification. */
const JSON_PARAMETERS = ['variables', 'extensions'] as const

/** The first parameter of a request's URL that should be JSON and is not; null where all is well. */
export const badParameter = (url: string): string | null => {
  const start = url.indexOf('?')
  if (start < 0) return null
  const parameters = new URLSearchParams(url.slice(start + 1))
  return JSON_PARAMETERS.find(name => !isJson(parameters.get(name))) ?? null
}

const isJson = (text: string | null): boolean => {
  if (text === null || text === '') return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
