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
/** The schema with one text replaced. */
const having = (from: string, to: string): string => {
  if (!PROMISED.includes(from)) throw new Error(`The schema does not contain "${from}".`)
  return PROMISED.replace(from, to)
}

describe('schemaChanges', () => {
  it.each([
    ['a removed field', having('type Room { name: String', 'type Room {')],
    ['a removed type', having('type Hall { name: String }', '')],
    ['a removed enum value', having('OVER', '')],
    ['a field made nullable', having('status: Status!', 'status: Status')],
    ['a field with a changed type', having('type Room { name: String', 'type Room { name: Int')],
    ['a removed argument', having(', size: Int = 50', '')],
    ['a new required argument', having('size: Int = 50', 'size: Int = 50, at: ID!')],
    ['an argument made required', having('size: Int = 50', 'size: Int!')],
    ['a changed default of an argument', having('= 50', '= 20')],
    ['a new required input field', having('Filter { name: String', 'Filter { name: String at: ID!')],
    ['a removed input field', having('Filter { name: String', 'Filter { at: ID')],
  ])('schemaChanges reports a breaking change: %s', async (_what, present) => {
    const { breaking } = await schemaChanges(PROMISED, present)
    expect(breaking).not.toEqual([])
  })

  it.each([
    ['a new field', having('type Room {', 'type Room { size: Int')],
    ['a new type', `${PROMISED} type Attic { name: String }`],
    ['a new enum value', having('ON', 'ON HELD')],
    ['a new member of a union', having('Any = Room', 'Any = Room | Hall')],
    ['a new optional argument', having('size: Int = 50', 'size: Int = 50, at: ID')],
    ['a new optional input field', having('Filter { name: String', 'Filter { name: String at: ID')],
    ['an argument made optional', having('sid: ID!', 'sid: ID')],
    ['a field made non-null', having('type Room { name: String', 'type Room { name: String!')],
    ['a deprecation', having('type Room { name: String', 'type Room { name: String @deprecated(reason: "old")')],
    ['a description', having('type Room', '"A room." type Room')],
  ])('schemaChanges reports a safe change: %s', async (_what, present) => {
    const { breaking, other } = await schemaChanges(PROMISED, present)
    expect(breaking).toEqual([])
    expect(other).not.toEqual([])
  })

  it('schemaChanges describes changes in sentences with the changed names', async () => {
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

  it('check:breaking fails on a breaking change and lists the change', () => {
    writeFileSync(file, apiSdl().replace(field, `${field}  mood: String!\n`))
    const { status, stderr } = run()
    expect(status).toBe(1)
    expect(stderr).toContain("  - Field 'mood' was removed from object type")
    expect(stderr).toContain('npm run schema:update -- --accept-breaking')
  })

  it('schema:update refuses to write a breaking change without --accept-breaking', () => {
    expect(run('--update').status).toBe(1)
    expect(readFileSync(file, 'utf8')).toContain('mood')
    expect(run('--update', '--accept-breaking').status).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toContain('mood')
    expect(run()).toMatchObject({ status: 0, stdout: 'The schema matches the committed SDL\n' })
  })

  it('check:breaking fails for an outdated docs/schema.graphql and names the command to run', () => {
    writeFileSync(file, readFileSync(file, 'utf8').replace(/ {2}"""[^"]*"""\n {2}statusText: String!\n/, ''))
    const { status, stderr } = run()
    expect(status).toBe(1)
    expect(stderr).toContain("  - Field 'statusText' was added to object type")
    expect(stderr).toContain('Run `npm run schema:update`')
    expect(run('--update').status).toBe(0)
    expect(run().status).toBe(0)
  })
})
