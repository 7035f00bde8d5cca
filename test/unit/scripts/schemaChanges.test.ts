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
    const { breaking, premature, other } = await schemaChanges(COMMITTED_SDL, present)
    expect([...breaking, ...premature]).toEqual([])
    expect(other).not.toEqual([])
  })

  const deprecated = (date: string) => `@deprecated(reason: "Use \`x\`. Removal after ${date}.")`
  const TODAY = '2027-07-01'
  /** Each removal: a schema with `#` at the places of the deprecations, and the text of the schema to replace. */
  const removals: readonly (readonly [removal: string, sdl: string, from: string | RegExp, to: string])[] = [
    ['a field', 'type Query { a: Int b: Int # }', / b: Int [^}]*/, ''],
    ['a field with arguments', 'type Query { a: Int b(c: Int): Int # }', / b\(c: Int\): Int [^}]*/, ''],
    ['a field by a changed type', 'type Query { a: Int # }', 'Int', 'String'],
    ['an argument', 'type Query { a(b: Int #): Int }', /\(.*\)(?=: Int })/, ''],
    ['an argument of a deprecated field', 'type Query { a(b: Int): Int # }', '(b: Int)', ''],
    ['an argument by a changed type', 'type Query { a(b: Int #): Int }', 'b: Int', 'b: String'],
    ['an input field', 'type Query { a(b: B): Int } input B { c: Int d: Int # }', / d: Int [^}]*/, ''],
    ['an enum value', 'type Query { a: E } enum E { C D # }', / D [^}]*/, ''],
    ['a type', 'type Query { a: Int } type B { c: Int # d(e: Int): Int # }', /type B .*/, ''],
    ['a type in a union', 'type Query { a: U } type B { c: Int } type D { e: Int # } union U = B | D', ' | D', ''],
    [
      'an interface of a type',
      'type Query { a: I } interface I { c: Int } type B implements I { c: Int } type D implements I { c: Int # }',
      'D implements I',
      'D',
    ],
  ]
  const check = (sdl: string, date: string | null, from: string | RegExp, to: string) => {
    const committed = sdl.replaceAll('#', date === null ? '' : deprecated(date))
    return schemaChanges(committed, committed.replace(from, to), TODAY)
  }

  it.each(removals)(
    'schemaChanges reports the removal of %s as premature unless the date of the deprecation has passed',
    async (_removal, sdl, from, to) => {
      for (const date of [null, '2999-12-31', TODAY]) {
        const { breaking, premature } = await check(sdl, date, from, to)
        expect(premature, `deprecated until ${date}`).not.toEqual([])
        expect(breaking).toEqual(expect.arrayContaining([...premature]))
      }
      const { breaking, premature } = await check(sdl, '2027-06-30', from, to)
      expect(premature).toEqual([])
      expect(breaking).not.toEqual([])
    },
  )

  it('schemaChanges reports the removal of a type as premature if a single field is not deprecated', async () => {
    const sdl = `type Query { a: Int } type B { c: Int ${deprecated('2027-06-30')} d: Int }`
    expect((await schemaChanges(sdl, 'type Query { a: Int }', TODAY)).premature).toEqual(["Type 'B' was removed"])
  })

  it('schemaChanges reports the removal of an element with an invalid deprecation as premature', async () => {
    const sdl = 'type Query { a: Int b: Int @deprecated(reason: "Removal after 2027-06-30.") }'
    expect((await schemaChanges(sdl, 'type Query { a: Int }', TODAY)).premature).toHaveLength(1)
  })

  const directives = 'directive @note(levels: [Int] = [0]) on FIELD_DEFINITION directive @mark on FIELD | QUERY'
  it.each([
    ['the removal of a directive', 'directive @mark on FIELD | QUERY', ''],
    ['the removal of a directive location', ' | QUERY', ''],
    ['a changed default of a directive', '= [0]', '= []'],
    ['the removal of a directive from a field', 'a: [Int] @note(levels: [0, 1])', 'a: [Int]'],
    ['fewer values in a directive of a field', '[0, 1]', '[0]'],
    ['a new required argument', 'b: Int! = 1', 'b: Int! = 1, d: Int!'],
    ['an argument without the former default', 'b: Int! = 1', 'b: Int!'],
    ['a new required input field', 'c: Int', 'c: Int d: Int!'],
    ['the removal of the mutation type', ' mutation: M', ''],
  ])('schemaChanges reports %s as premature', async (_change, from, to) => {
    const sdl = `${directives} schema { query: Query mutation: M } type M { a: Int }
      type Query { a: [Int] @note(levels: [0, 1]) e(b: Int! = 1, c: I): Int } input I { c: Int }`
    const { breaking, premature } = await schemaChanges(sdl, sdl.replace(from, to), TODAY)
    expect(premature).toHaveLength(1)
    expect(breaking).toEqual(premature)
  })

  it('schemaChanges accepts the removal of a directive from a field after the date of the deprecation', async () => {
    const sdl = `${directives} type Query { a: Int @note ${deprecated('2027-06-30')} }`
    const { breaking, premature } = await schemaChanges(sdl, sdl.replace('@note @', '@'), TODAY)
    expect(breaking).toHaveLength(1)
    expect(premature).toEqual([])
  })

  it('schemaChanges reports the removal of an unused scalar as breaking, but not as premature', async () => {
    const { breaking, premature } = await schemaChanges('type Query { a: Int } scalar S', 'type Query { a: Int }')
    expect(breaking).toEqual(["Type 'S' was removed"])
    expect(premature).toEqual([])
  })

  it('schemaChanges reports a changed default as breaking, but not as premature', async () => {
    const { breaking, premature } = await schemaChanges(COMMITTED_SDL, replaced('size: Int = 50', 'size: Int = 20'))
    expect(breaking).toHaveLength(1)
    expect(premature).toEqual([])
  })

  it('schemaChanges reports a postponed removal as a safe change', async () => {
    const sdl = `type Query { a(b: Int ${deprecated('2027-06-30')}): Int c: Int ${deprecated('2027-06-30')} }`
    const { breaking, other } = await schemaChanges(sdl, sdl.replaceAll('2027', '2028'), TODAY)
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
  const run = (...options: readonly string[]) => runWith({}, ...options)
  const runWith = (variables: NodeJS.ProcessEnv, ...options: readonly string[]) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE, ...variables }
    const args = [script, file, ...options]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
    return { status, stdout, stderr }
  }
  /** The last release in which an element can be removed without a deprecation. */
  const BEFORE_DEPRECATIONS = ['--release', '0.2.0']
  const field = '  statusText: String @semanticNonNull\n'

  it('check:breaking fails on a breaking change and lists the change', () => {
    writeFileSync(file, apiSdl().replace(field, `${field}  mood: String!\n`))
    const { status, stderr } = run(...BEFORE_DEPRECATIONS)
    expect(status).toBe(1)
    expect(stderr).toContain("  - Field 'mood' was removed from object type")
    expect(stderr).toContain('npm run schema:update -- --accept-breaking')
  })

  it('schema:update refuses to write a breaking change without --accept-breaking', () => {
    expect(run('--update', ...BEFORE_DEPRECATIONS).status).toBe(1)
    expect(readFileSync(file, 'utf8')).toContain('mood')
    expect(run('--update', '--accept-breaking', ...BEFORE_DEPRECATIONS).status).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toContain('mood')
    expect(run()).toMatchObject({ status: 0, stdout: 'The schema matches the committed SDL\n' })
  })

  it.each([
    ['0.3.0', 1],
    ['0.3.0-rc.1', 1],
    ['1.0.0', 1],
    ['0.2.9', 0],
  ])(
    'schema:update --accept-breaking of an element without a deprecation in version %s exits with %i',
    (release, code) => {
      const sdl = apiSdl().replace(field, `${field}  mood: String\n`)
      writeFileSync(file, sdl)
      const { status, stderr } = run('--update', '--accept-breaking', '--release', release)
      expect(status).toBe(code)
      if (code === 0) return expect(readFileSync(file, 'utf8')).not.toContain('mood')
      expect(stderr).toContain("  - Field 'mood' was removed from object type")
      expect(stderr).toContain('Restore the elements. Add @deprecated')
      expect(stderr).toContain('CONTRIBUTING.md')
      expect(readFileSync(file, 'utf8')).toBe(sdl)
    },
  )

  it('check:breaking fails for a deprecation without a replacement and a date, and shows the form', () => {
    const sdl = apiSdl()
    writeFileSync(file, sdl)
    const deprecateField = `
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      const { readFileSync } = fs
      fs.readFileSync = (...args) => {
        const content = readFileSync(...args)
        if (typeof content !== 'string') return content
        return content.replace('statusText: String', '$& @deprecated(reason: "old")')
      }
      syncBuiltinESMExports()`
    const nodeOptions = `--import=data:text/javascript,${encodeURIComponent(deprecateField)}`
    const { status, stderr } = runWith({ NODE_OPTIONS: nodeOptions }, '--update', '--accept-breaking')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^ {2}- \w+\.statusText: "old"$/m)
    expect(stderr).toContain('Removal after 2027-06-30.')
    expect(readFileSync(file, 'utf8')).toBe(sdl)
  })

  it('from version 0.3.0 on, the removal of an element after the date of the deprecation needs --accept-breaking', () => {
    const mood = '  mood: String @deprecated(reason: "Use `statusText`. Removal after 2026-01-31.")\n'
    writeFileSync(file, apiSdl().replace(field, `${field}${mood}`))
    const { status, stderr } = run('--update', '--release', '0.3.0')
    expect(status).toBe(1)
    expect(stderr).toContain('npm run schema:update -- --accept-breaking')
    expect(run('--update', '--accept-breaking', '--release', '0.3.0').status).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toContain('mood')
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
