import { readFileSync } from 'node:fs'

/** The codes of the README's table, with the HTTP status of each; null where it says that there is none. */
export const documentedCodes = (): ReadonlyMap<string, number | null> => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const table = /\| code \| meaning \| HTTP status \|\n\|[-|]+\|\n((?:\|.*\|\n)+)/.exec(readme)?.[1] ?? ''
  const codes = table.split('\n').flatMap(line => {
    const [, names = '', , status = ''] = line.split('|')
    return [...names.matchAll(/`(\w+)`/g)].map(([, code = '']): [string, number | null] => [
      code,
      Number.parseInt(status, 10) || null,
    ])
  })
  return new Map(codes)
}

/** Those that say that the upstream, or how busy things are, is at fault. */
export const passingCodes = (): ReadonlySet<string> =>
  new Set(
    [...documentedCodes()].flatMap(([code, status]) =>
      status !== null && [429, 502, 503, 504].includes(status) ? [code] : [],
    ),
  )
