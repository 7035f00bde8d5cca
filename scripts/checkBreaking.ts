import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import packageJson from '../package.json' with { type: 'json' }
import { apiSdl } from '../src/graphql/schema.ts'
import { invalidDeprecations, REASON_EXAMPLE } from './deprecations.ts'
import { schemaChanges } from './schemaChanges.ts'

// Fails if the schema differs from the committed SDL (docs/schema.graphql), so that reviews see each change. `--update`
// rewrites the file; breaking changes need `--accept-breaking` as well. From version 0.3.0 on, only elements with a
// deprecation whose date has passed can be removed. `--release` replaces the version of package.json.
const { values, positionals } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    'accept-breaking': { type: 'boolean', default: false },
    release: { type: 'string', default: packageJson.version },
  },
  allowPositionals: true,
})
const file = positionals[0] ?? fileURLToPath(new URL('../docs/schema.graphql', import.meta.url))
const currentSdl = `# The schema as clients see it. Written by \`npm run schema:update\`, from schema/.\n\n${apiSdl()}`

function exit(code: number, ...lines: readonly string[]): never {
  const stream = code === 0 ? process.stdout : process.stderr
  stream.write(`${lines.join('\n')}\n`)
  process.exit(code)
}

function listItems(items: readonly string[]): readonly string[] {
  return items.map(item => `  - ${item}`)
}

const invalid = invalidDeprecations(currentSdl)
if (invalid.length > 0) {
  exit(
    1,
    `${invalid.length} deprecations without a replacement or without a removal date:`,
    ...listItems(invalid),
    `Write reasons in this form: "${REASON_EXAMPLE}"`,
  )
}

const committedSdl = readFileSync(file, 'utf8')
const { breaking, premature, other } = await schemaChanges(committedSdl, currentSdl)

const [major = 0, minor = 0] = values.release.split('.').map(Number)
const isStable = major > 0 || minor >= 3
if (premature.length > 0 && isStable) {
  exit(
    1,
    `${premature.length} removals since ${file} without a deprecation, or before the date of the deprecation has passed:`,
    ...listItems(premature),
    'Restore the elements. Add @deprecated to each element which has none, with a reason in this form:',
    `"${REASON_EXAMPLE}" Remove an element after the date; see "How to remove a field" in CONTRIBUTING.md.`,
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
exit(0, 'The schema matches the committed SDL')
