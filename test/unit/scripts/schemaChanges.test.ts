import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { schemaChanges } from '../../../scripts/schemaChanges.ts'
import { apiSdl } from '../../../src/graphql/schema.ts'

const PROMISED = `
  type Query { room(sid: ID!, size: Int = 50): Room  rooms(filter: Filter): [Room!]!  any: Any }
  type Room { name: String  status: Status! }
  type Hall { name: String }
  enum Status { ON OVER UNKNOWN }
  input Filter { name: String }
  union Any = Room
`
/** The schema with one text of it replaced. */
const having = (from: string, to: string): string => {
  if (!PROMISED.includes(from)) throw new Error(`There is no '${from}' to replace.`)
  return PROMISED.replace(from, to)
}

describe('a change of the schema', () => {
  it.each([
    ['a field that is gone', having('type Room { name: String', 'type Room {')],
    ['a type that is gone', having('type Hall { name: String }', '')],
    ['an enum value that is gone', having('OVER', '')],
    ['a field that may be null now', having('status: Status!', 'status: Status')],
    ['a field of another type', having('type Room { name: String', 'type Room { name: Int')],
    ['an argument that is gone', having(', size: Int = 50', '')],
    ['a new argument that must be given', having('size: Int = 50', 'size: Int = 50, at: ID!')],
    ['an argument that may no longer be left out', having('size: Int = 50', 'size: Int!')],
    ['an argument with another default', having('= 50', '= 20')],
    ['a new input field that must be given', having('Filter { name: String', 'Filter { name: String at: ID!')],
    ['an input field that is gone', having('Filter { name: String', 'Filter { at: ID')],
  ])('is breaking: %s', async (_what, present) => {
    const { breaking } = await schemaChanges(PROMISED, present)
    expect(breaking).not.toEqual([])
  })

  it.each([
    ['a new field', having('type Room {', 'type Room { size: Int')],
    ['a new type', `${PROMISED} type Attic { name: String }`],
    ['a new enum value', having('ON', 'ON HELD')],
    ['a new member of a union', having('Any = Room', 'Any = Room | Hall')],
    ['a new argument that may be left out', having('size: Int = 50', 'size: Int = 50, at: ID')],
    ['a new input field that may be left out', having('Filter { name: String', 'Filter { name: String at: ID')],
    ['an argument that may be left out now', having('sid: ID!', 'sid: ID')],
    ['a field that is never null now', having('type Room { name: String', 'type Room { name: String!')],
    ['a deprecation', having('type Room { name: String', 'type Room { name: String @deprecated(reason: "old")')],
    ['a description', having('type Room', '"A room." type Room')],
  ])('is not breaking: %s', async (_what, present) => {
    const { breaking, other } = await schemaChanges(PROMISED, present)
    expect(breaking).toEqual([])
    expect(other).not.toEqual([])
  })

  it('is told in sentences that name what has changed', async () => {
    const { breaking } = await schemaChanges(PROMISED, having('OVER', ''))
    expect(breaking).toEqual(["Enum value 'OVER' was removed from enum 'Status'"])
  })
})

describe('npm run check:breaking', () => {
  const folder = mkdtempSync(join(tmpdir(), 'schema-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'promised.graphql')
  const script = fileURLToPath(new URL('../../../scripts/checkBreaking.ts', import.meta.url))
  const run = (...options: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, file, ...options], { encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  const field = '  statusText: String!\n'

  it('fails on a breaking change, and lists it', () => {
    writeFileSync(file, apiSdl().replace(field, `${field}  mood: String!\n`))
    const { status, stderr } = run()
    expect(status).toBe(1)
    expect(stderr).toContain("  - Field 'mood' was removed from object type")
    expect(stderr).toContain('npm run schema:update -- --accept-breaking')
  })

  it('does not let schema:update write a breaking change down, unless it is meant', () => {
    expect(run('--update').status).toBe(1)
    expect(readFileSync(file, 'utf8')).toContain('mood')
    expect(run('--update', '--accept-breaking').status).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toContain('mood')
    expect(run()).toMatchObject({ status: 0, stdout: 'The schema matches the committed SDL\n' })
  })

  it('fails where the committed file is older than a change that breaks nothing, and says what to run', () => {
    writeFileSync(file, readFileSync(file, 'utf8').replace(/ {2}"""[^"]*"""\n {2}statusText: String!\n/, ''))
    const { status, stderr } = run()
    expect(status).toBe(1)
    expect(stderr).toContain("  - Field 'statusText' was added to object type")
    expect(stderr).toContain('Run `npm run schema:update`')
    expect(run('--update').status).toBe(0)
    expect(run().status).toBe(0)
  })
})
