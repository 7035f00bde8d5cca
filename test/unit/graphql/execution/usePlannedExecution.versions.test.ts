import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { importsOf, sourcesBelow } from '../../../support/imports.ts'

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
const README = read('src/graphql/execution/README.md')

it.each(['@graphql-tools/executor', '@graphql-tools/utils', 'graphql'])(
  'the README of planned execution names the installed and pinned version of %s',
  name => {
    const installed: string = JSON.parse(read(`node_modules/${name}/package.json`)).version
    const pinned: string = JSON.parse(read('package.json')).dependencies[name]
    // After an update, the README lists what to check before the version in the README may change.
    expect(README).toContain(`\`${name}\` ${installed}`)
    expect(pinned).toBe(installed)
  },
)

it('Yoga uses the version of the executor with which planned execution was compared', () => {
  const { packages } = JSON.parse(read('package-lock.json'))
  const copies = Object.keys(packages).filter(path => path.endsWith('node_modules/@graphql-tools/executor'))
  expect(copies).toEqual(['node_modules/@graphql-tools/executor'])
})

it('planned execution imports only packages and its own files, and others import only the plugin', () => {
  const imports = sourcesBelow(new URL('../../../../src/', import.meta.url)).flatMap(importsOf)
  const isOwn = (path: string) => path.startsWith('graphql/execution/')
  const outgoing = imports.filter(({ file, target }) => isOwn(file) && target.endsWith('.ts') && !isOwn(target))
  expect(outgoing).toEqual([])
  const incoming = imports.filter(({ file, target }) => !isOwn(file) && isOwn(target))
  expect([...new Set(incoming.map(({ target }) => target))]).toEqual(['graphql/execution/usePlannedExecution.ts'])
})
