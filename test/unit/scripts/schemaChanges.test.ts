import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import packageJson from '../../../package.json' with { type: 'json' }
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
  const releasedFile = join(folder, 'committed.released.graphql')
  /** Saves a schema as the schema of the last release. */
  const release = (sdl: string, version = '0.1.0') =>
    writeFileSync(releasedFile, `# The schema of version ${version}. \n\n${sdl}`)
  beforeEach(() => release(apiSdl()))
  const isBeforeRule = packageJson.version.startsWith('0.2.')
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

  const deprecation = (date: string) => `@deprecated(reason: "Use \`statusText\`. Removal after ${date}.")`
  const mood = (date: string) => `  mood: String ${deprecation(date)}\n`
  const withMood = (line = '  mood: String\n') => apiSdl().replace(field, `${field}${line}`)

  it.each(isBeforeRule ? ['0.3.0-rc.1', '0.3.0', '99.0.0'] : ['99.0.0'])(
    'in version %s, schema:update rejects a removal unless the last release has the deprecation',
    version => {
      const committed = withMood(mood('2026-01-31'))
      for (const released of [withMood(), withMood(mood('2999-12-31'))]) {
        writeFileSync(file, committed)
        release(released)
        const { status, stderr } = run('--update', '--accept-breaking', '--release', version)
        expect(status).toBe(1)
        expect(stderr).toMatch(/^ {2}- Field 'mood' (\(deprecated\) )?was removed from object type/m)
        expect(stderr).toContain('Revert the changes. Add @deprecated')
        expect(stderr).toContain('CONTRIBUTING.md')
        expect(readFileSync(file, 'utf8')).toBe(committed)
      }
    },
  )

  it('schema:update rejects a new deprecation with a date in the past', () => {
    const sdl = apiSdl()
    writeFileSync(file, sdl)
    const { status, stderr } = runWithDeprecation(deprecation('2026-01-31'))
    expect(status).toBe(1)
    expect(stderr).toMatch(/^ {2}- \w+\.statusText: "Use `statusText`. Removal after 2026-01-31."$/m)
    expect(readFileSync(file, 'utf8')).toBe(sdl)
  })

  it('check:breaking rejects versions below package.json or below the last release', () => {
    writeFileSync(file, apiSdl())
    expect(run('--release', '0.1.9')).toMatchObject({
      status: 1,
      stderr: `Version 0.1.9 is below version ${packageJson.version}\n`,
    })
    release(apiSdl(), '99.10.0')
    expect(run('--release', '99.9.0')).toMatchObject({ status: 1, stderr: 'Version 99.9.0 is below version 99.10.0\n' })
  })

  it('from version 0.3.0 on, check:breaking needs the file of the last release', () => {
    rmSync(releasedFile)
    const { status, stderr } = run('--release', '99.0.0')
    expect(status).toBe(1)
    expect(stderr).toContain(`${releasedFile} is missing`)
  })

  it('schema:release writes the schema once per minor release, after the checks', () => {
    const save = (version: string) => run('--save-release', '--release', version).status
    writeFileSync(file, apiSdl())
    run('--update')
    rmSync(releasedFile)
    expect(save('0.2.9')).toBe(1)
    expect(save('99.3.1')).toBe(1)
    expect(existsSync(releasedFile)).toBe(false)
    expect(save('99.3.0')).toBe(0)
    const released = readFileSync(releasedFile, 'utf8')
    expect(released).toMatch(/^# The schema of version 99\.3\.0\. /)
    expect(released).toContain(apiSdl())
    expect(save('99.3.0')).toBe(1)
    expect(readFileSync(releasedFile, 'utf8')).toBe(released)
    expect(save('99.4.0')).toBe(0)
    expect(readFileSync(releasedFile, 'utf8')).toContain('version 99.4.0.')
    release(withMood())
    expect(save('99.5.0')).toBe(1)
  })

  /** Runs `schema:update` with a deprecation added to the fields `statusText`. */
  const runWithDeprecation = (directive: string) => {
    const deprecateField = `
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      const { readFileSync } = fs
      fs.readFileSync = (path, ...args) => {
        const content = readFileSync(path, ...args)
        if (typeof content !== 'string' || path === ${JSON.stringify(file)}) return content
        return content.replace('statusText: String', ${JSON.stringify(`$& ${directive}`)})
      }
      syncBuiltinESMExports()`
    const nodeOptions = `--import=data:text/javascript,${encodeURIComponent(deprecateField)}`
    return runWith({ NODE_OPTIONS: nodeOptions }, '--update', '--accept-breaking')
  }

  it('check:breaking fails for a deprecation without a replacement and a date, and shows the form', () => {
    const sdl = apiSdl()
    writeFileSync(file, sdl)
    const { status, stderr } = runWithDeprecation('@deprecated(reason: "old")')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^ {2}- \w+\.statusText: "old"$/m)
    expect(stderr).toContain('Removal after 2027-06-30.')
    expect(readFileSync(file, 'utf8')).toBe(sdl)
  })

  it('from version 0.3.0 on, the removal of an element after the date of the deprecation needs --accept-breaking', () => {
    writeFileSync(file, withMood(mood('2026-01-31')))
    release(withMood(mood('2026-01-31')))
    const { status, stderr } = run('--update', '--release', '99.0.0')
    expect(status).toBe(1)
    expect(stderr).toContain('npm run schema:update -- --accept-breaking')
    expect(run('--update', '--accept-breaking', '--release', '99.0.0').status).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toContain('mood')
  })

  it.runIf(isBeforeRule)('before version 0.3.0, an element without a deprecation can be removed', () => {
    writeFileSync(file, withMood())
    release(withMood())
    expect(run('--update', '--accept-breaking', '--release', '0.2.9').status).toBe(0)
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
