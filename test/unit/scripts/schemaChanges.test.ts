import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { schemaChanges } from '../../../scripts/schemaChanges.ts'
import { apiSdl } from '../../../src/graphql/schema.ts'
import { COMPILE_CACHE } from '../../support/mainProcess.ts'

const COMMITTED_SDL = `
  type Query { room(sid: ID!, size: Int = 50): Room  rooms(filter: Filter): [Room!]!  any: Any }
  type Room { name: String  status: Status! }
  type Hall { name: String }
  enum Status { ON OVER UNKNOWN }
  input Filter { name: String }
  union Any = Room
`
/** The schema with one text replaced. */
const replaced = (from: string, to: string): string => {
  if (!COMMITTED_SDL.includes(from)) throw new Error(`The schema does not contain "${from}".`)
  return COMMITTED_SDL.replace(from, to)
}

describe('schemaChanges', () => {
  it.each([
    ['a removed field', replaced('type Room { name: String', 'type Room {')],
    ['a removed type', replaced('type Hall { name: String }', '')],
    ['a removed enum value', replaced('OVER', '')],
    ['a field made nullable', replaced('status: Status!', 'status: Status')],
    ['a field with a changed type', replaced('type Room { name: String', 'type Room { name: Int')],
    ['a removed argument', replaced(', size: Int = 50', '')],
    ['a new required argument', replaced('size: Int = 50', 'size: Int = 50, at: ID!')],
    ['an argument made required', replaced('size: Int = 50', 'size: Int!')],
    ['a changed default of an argument', replaced('= 50', '= 20')],
    ['a new required input field', replaced('Filter { name: String', 'Filter { name: String at: ID!')],
    ['a removed input field', replaced('Filter { name: String', 'Filter { at: ID')],
  ])('schemaChanges reports %s as a breaking change', async (_what, present) => {
    const { breaking } = await schemaChanges(COMMITTED_SDL, present)
    expect(breaking).not.toEqual([])
  })

  it.each([
    ['a new field', replaced('type Room {', 'type Room { size: Int')],
    ['a new type', `${COMMITTED_SDL} type Attic { name: String }`],
    ['a new enum value', replaced('ON', 'ON HELD')],
    ['a new member of a union', replaced('Any = Room', 'Any = Room | Hall')],
    ['a new optional argument', replaced('size: Int = 50', 'size: Int = 50, at: ID')],
    ['a new optional input field', replaced('Filter { name: String', 'Filter { name: String at: ID')],
    ['an argument made optional', replaced('sid: ID!', 'sid: ID')],
    ['a field made non-null', replaced('type Room { name: String', 'type Room { name: String!')],
    ['a deprecation', replaced('type Room { name: String', 'type Room { name: String @deprecated(reason: "old")')],
    ['a description', replaced('type Room', '"A room." type Room')],
  ])('schemaChanges reports %s as a safe change', async (_what, present) => {
    const { breaking, other } = await schemaChanges(COMMITTED_SDL, present)
    expect(breaking).toEqual([])
    expect(other).not.toEqual([])
  })

  it('schemaChanges describes changes in sentences with the changed names', async () => {
    const { breaking } = await schemaChanges(COMMITTED_SDL, replaced('OVER', ''))
    expect(breaking).toEqual(["Enum value 'OVER' was removed from enum 'Status'"])
  })
})

describe('npm run check:breaking', () => {
  const folder = mkdtempSync(join(tmpdir(), 'schema-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'committed.graphql')
  const script = fileURLToPath(new URL('../../../scripts/checkBreaking.ts', import.meta.url))
  const run = (...options: readonly string[]) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE }
    const args = [script, file, ...options]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
    return { status, stdout, stderr }
  }
  const field = '  statusText: String @semanticNonNull\n'

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
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/ {2}"""[^"]*"""\n {2}statusText: String @semanticNonNull\n/, ''),
    )
    const { status, stderr } = run()
    expect(status).toBe(1)
    expect(stderr).toContain("  - Field 'statusText' was added to object type")
    expect(stderr).toContain('Run `npm run schema:update`')
    expect(run('--update').status).toBe(0)
    expect(readFileSync(file, 'utf8')).toContain(`"""\n${field}`)
  })
})
