import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import { documentedCodes } from '../support/documentedCodes.ts'

const ROOT = new URL('../../', import.meta.url)
const DOCUMENTS = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'deploy/README.md',
  'bench/README.md',
  'examples/README.md',
  'examples/federation/README.md',
  ...readdirSync(new URL('docs/', ROOT), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

const textOf = (file: URL | string): string => readFileSync(new URL(file, ROOT), 'utf8')

interface Link {
  readonly file: URL
  /** Without `#`; null for a link to a whole file. */
  readonly anchor: string | null
}

function linksIn(name: string): Link[] {
  const document = new URL(name, ROOT)
  return [...textOf(name).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)/g)].map(([, path = '', anchor]) => ({
    file: path === '' ? document : new URL(path, document),
    anchor: anchor ?? null,
  }))
}

/** The anchors of all headings, as GitHub derives them. */
function anchorsOf(file: URL): ReadonlySet<string> {
  const counts = new Map<string, number>()
  const anchors = new Set<string>()
  for (const [, heading = ''] of textOf(file)
    .replace(/```[\s\S]*?```/g, '')
    .matchAll(/^#+ (.*)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
    const count = counts.get(anchor) ?? 0
    counts.set(anchor, count + 1)
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`)
  }
  return anchors
}

it.each(DOCUMENTS)('%s links to files and headings that exist', name => {
  const missing = linksIn(name).filter(
    ({ file, anchor }) =>
      !existsSync(file) || (anchor !== null && file.pathname.endsWith('.md') && !anchorsOf(file).has(anchor)),
  )
  expect(missing.map(({ file, anchor }) => `${file.pathname}#${anchor ?? ''}`)).toEqual([])
})

it.each(DOCUMENTS)('%s mentions source files and folders that exist', name => {
  // The example is a separate package with a source folder.
  const base = name.startsWith('examples/federation/') ? new URL('examples/federation/', ROOT) : ROOT
  const paths = [...textOf(name).matchAll(/`((?:src|test|docs|scripts|schema)\/[\w./-]*)`/g)].map(
    ([, path = '']) => path,
  )
  expect(paths.filter(path => !existsSync(new URL(path, base)))).toEqual([])
})

it('docs/restcomm.md names tests that exist', () => {
  const columns = [...textOf('docs/restcomm.md').matchAll(/^\| .* \|([^|]*)\|$/gm)].map(([, column = '']) => column)
  const names = columns.flatMap(column => [...column.matchAll(/`([\w/]+)`/g)].map(([, name]) => name))
  expect(names.length).toBeGreaterThan(30)
  expect(names.filter(name => !existsSync(new URL(`test/${name}.test.ts`, ROOT)))).toEqual([])
})

const KNOWN_NAMES = new Set<string>(['NODE_ENV', ...SETTING_NAMES, ...documentedCodes().keys()])

it.each(['README.md', 'SECURITY.md', 'docs/operations.md', 'docs/deployment.md', 'docs/limits.md'])(
  '%s names settings and error codes that exist',
  name => {
    const names = [...textOf(name).matchAll(/`([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)(?:=[^`]*)?`/g)].map(
      ([, found = '']) => found,
    )
    expect(names.length).toBeGreaterThan(1)
    // The OpenTelemetry SDK defines the variables with the prefix `OTEL_`.
    expect(names.filter(found => !KNOWN_NAMES.has(found) && !found.startsWith('OTEL_'))).toEqual([])
  },
)
