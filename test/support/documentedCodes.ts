import { readFileSync } from 'node:fs'

/** The error codes of docs/errors.md with their HTTP status; null for codes without a status. */
export function documentedCodes(): ReadonlyMap<string, number | null> {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const table = /\| code \| meaning \| HTTP status \| remedy \|\n\|[-|]+\|\n((?:\|.*\|\n)+)/.exec(text)?.[1] ?? ''
  const codes = table.split('\n').flatMap(line => {
    const [, names = '', , status = ''] = line.split('|')
    return [...names.matchAll(/`(\w+)`/g)].map(([, code = '']): [string, number | null] => [
      code,
      Number.parseInt(status, 10) || null,
    ])
  })
  return new Map(codes)
}

/** Codes of overload and of upstream failures, after which a retry of the same request may succeed. */
export function transientCodes(): ReadonlySet<string> {
  return new Set(
    [...documentedCodes()].flatMap(([code, status]) =>
      status === 429 || status === 503 || /^(UPSTREAM_|OVERLOADED$|REQUEST_TIMEOUT$)/.test(code) ? [code] : [],
    ),
  )
}
