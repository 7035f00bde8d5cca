import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { apiSdl } from '../src/graphql/schema.ts'
import { schemaChanges } from './schemaChanges.ts'

// Fails if the schema differs from the committed SDL (docs/schema.graphql), so that reviews see each change. `--update`
// rewrites the file; breaking changes need `--accept-breaking` as well.
const { values, positionals } = parseArgs({
  options: { update: { type: 'boolean', default: false }, 'accept-breaking': { type: 'boolean', default: false } },
  allowPositionals: true,
})
const file = positionals[0] ?? fileURLToPath(new URL('../docs/schema.graphql', import.meta.url))
const currentSdl = `# The schema as clients see it. Written by \`npm run schema:update\`, from schema/.\n\n${apiSdl()}`

function exit(code: number, ...lines: readonly string[]): never {
  const stream = code === 0 ? process.stdout : process.stderr
  stream.write(`${lines.join('\n')}\n`)
  process.exit(code)
}

const committedSdl = readFileSync(file, 'utf8')
const { breaking, other } = await schemaChanges(committedSdl, currentSdl)

if (breaking.length > 0 && !values['accept-breaking']) {
  exit(
    1,
    `${breaking.length} breaking changes since ${file}:`,
    ...breaking.map(change => `  - ${change}`),
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
    ...(other.length > 0 ? other : ['Only the order of definitions or the layout has changed.']).map(
      change => `  - ${change}`,
    ),
    'Run `npm run schema:update` and commit the file with the change.',
  )
}
exit(0, 'The schema matches the committed SDL')
