import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SETTING_NAMES } from '../../src/config/settings.ts'

const ROOT = new URL('../../', import.meta.url)
const documents = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'deploy/README.md',
  'bench/README.md',
  'examples/README.md',

  ...readdirSync(new URL('docs/', ROOT), { recursive: true }).map(String),
]
  .filter(name => name.endsWith('.md'))
  .map(name => new URL(existsSync(new URL(name, ROOT)) ? name : `docs/${name}`, ROOT))

it.each(documents)('%s names files that are there', document => {
  const text = readFileSync(document, 'utf8')
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => new URL(link, document))
  const files = [...text.matchAll(/`((?:src|test|docs|scripts|schema)\/[\w./-]*)`/g)].map(
    ([, at = '']) => new URL(at, ROOT),
  )
  expect([...links, ...files].filter(file => !existsSync(file)).map(String)).toEqual([])
})

it('docs/restcomm.md names tests that are there', () => {
  const text = readFileSync(new URL('docs/restcomm.md', ROOT), 'utf8')
  const columns = [...text.matchAll(/^\| .* \|([^|]*)\|$/gm)].map(([, column = '']) => column)
  const names = columns.flatMap(column => [...column.matchAll(/`([\w/]+)`/g)].map(([, name]) => name))
  expect(names.length).toBeGreaterThan(30)
  expect(names.filter(name => !existsSync(new URL(`test/${name}.test.ts`, ROOT)))).toEqual([])
})

it.each(['docs/operations.md', 'SECURITY.md', 'deploy/README.md'])(
  '%s names settings that exist, and codes that the README has',
  document => {
    const text = readFileSync(new URL(document, ROOT), 'utf8')
    const names = [...text.matchAll(/`([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)(?:=[^`]*)?`/g)].map(([, name = '']) => name)
    const codes = [...readFileSync(new URL('README.md', ROOT), 'utf8').matchAll(/^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|/gm)]
    const known = new Set<string>([...SETTING_NAMES, ...codes.flatMap(([, row = '']) => row.match(/[A-Z_]+/g) ?? [])])
    expect(names.length).toBeGreaterThan(1)
    expect(names.filter(name => !known.has(name))).toEqual([])
  },
)
