import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import packageJson from '../package.json' with { type: 'json' }
import { apiSdl } from '../src/graphql/schema.ts'
import { invalidDeprecations, REASON_EXAMPLE } from './deprecations.ts'
import { schemaChanges } from './schemaChanges.ts'

// Fails if the schema differs from the committed SDL (docs/schema.graphql), so that reviews see each change. `--update`
// rewrites the file; breaking changes need `--accept-breaking` as well. From version 0.3.0 on, the SDL of the last minor
// release (docs/schema.released.graphql) must have a deprecation of each removed element, and the date must have passed.
// `--save-release` writes the SDL of a minor release. `--release` raises the version of package.json.
const { values, positionals } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    'accept-breaking': { type: 'boolean', default: false },
    'save-release': { type: 'boolean', default: false },
    release: { type: 'string', default: packageJson.version },
  },
  allowPositionals: true,
})
const version = values.release
const today = new Date().toISOString().slice(0, 10)
const file = positionals[0] ?? fileURLToPath(new URL('../docs/schema.graphql', import.meta.url))
const releasedFile = file.replace(/\.graphql$/, '.released.graphql')
const committedSdl = readFileSync(file, 'utf8')
const releasedSdl = existsSync(releasedFile) ? readFileSync(releasedFile, 'utf8') : undefined
const releasedVersion = /^# The schema of version (\S+)\. /.exec(releasedSdl ?? '')?.[1]
const currentSdl = `# The schema as clients see it. Written by \`npm run schema:update\`, from schema/.\n\n${apiSdl()}`

function exit(code: number, ...lines: readonly string[]): never {
  const stream = code === 0 ? process.stdout : process.stderr
  stream.write(`${lines.join('\n')}\n`)
  process.exit(code)
}

function listItems(items: readonly string[]): readonly string[] {
  return items.map(item => `  - ${item}`)
}

/** Pre-releases of a version are not below the version. */
function isBelow(left: string, right: string): boolean {
  return left.localeCompare(right, 'en', { numeric: true }) < 0
}

const higher = [packageJson.version, releasedVersion ?? version].find(known => isBelow(version, known))
if (higher !== undefined) exit(1, `Version ${version} is below version ${higher}`)

const invalid = invalidDeprecations(currentSdl, committedSdl, today)
if (invalid.length > 0) {
  exit(
    1,
    `${invalid.length} deprecations without a replacement, without a removal date, or with a new date in the past:`,
    ...listItems(invalid),
    `Write reasons in this form: "${REASON_EXAMPLE}"`,
  )
}

const isStable = !isBelow(version, '0.3.0')
if (isStable && releasedSdl === undefined && !values['save-release']) {
  exit(1, `${releasedFile} is missing. Restore the file; version 0.3.0 creates the file by \`npm run schema:release\`.`)
}
const { breaking, other } = await schemaChanges(committedSdl, currentSdl, today)
const premature = isStable && releasedSdl ? (await schemaChanges(releasedSdl, currentSdl, today)).premature : []
if (premature.length > 0) {
  exit(
    1,
    `${premature.length} breaking changes without a deprecation in ${releasedFile}, or before the date of the deprecation has passed:`,
    ...listItems(premature),
    'Revert the changes. Add @deprecated to removed elements which have none, with a reason in this form:',
    `"${REASON_EXAMPLE}" Remove an element after a minor release with the deprecation, and after the date; see`,
    '"How to remove a field" in CONTRIBUTING.md.',
  )
}
if (breaking.length > 0 && !values['accept-breaking']) {
  exit(
    1,
    `${breaking.length} breaking changes since ${file}:`,
    ...listItems(breaking),
    'Correct clients may fail after these changes. If the changes are intended, run',
    '`npm run schema:update -- --accept-breaking` and list the changes in CHANGELOG.md.',
  )
}
if (values.update) {
  writeFileSync(file, currentSdl)
  exit(0, `Updated ${file}: ${breaking.length} breaking changes, ${other.length} other changes`)
}
if (committedSdl !== currentSdl) {
  exit(
    1,
    `${file} is out of date. No change is breaking:`,
    ...listItems(other.length > 0 ? other : ['Only the order of definitions or the layout has changed.']),
    'Run `npm run schema:update` and commit the file with the change.',
  )
}
if (values['save-release']) {
  if (!isStable || !/^\d+\.\d+\.0$/.test(version) || version === releasedVersion) {
    exit(1, `Version ${version} is not a new minor release from 0.3.0 on: ${releasedFile} stays as it is`)
  }
  const header = `# The schema of version ${version}. Written by \`npm run schema:release\`.`
  writeFileSync(releasedFile, `${header}\n\n${apiSdl()}`)
  exit(0, `Wrote ${releasedFile}`)
}
exit(0, 'The schema matches the committed SDL')
