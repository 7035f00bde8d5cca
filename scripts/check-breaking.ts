import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { apiSdl } from '../src/schema.ts'
import { schemaChanges } from './schemaChanges.ts'

/**
 * Holds the schema to what clients were promised: the committed SDL, which a review sees change. With `--update` it
 * writes that SDL anew; a breaking change it writes with `--accept-breaking` only.
 */
const { values, positionals } = parseArgs({
  options: { update: { type: 'boolean', default: false }, 'accept-breaking': { type: 'boolean', default: false } },
  allowPositionals: true,
})
const file = positionals[0] ?? fileURLToPath(new URL('../docs/schema.graphql', import.meta.url))
const present = `# The schema as clients see it. Written by \`npm run schema:update\`, from schema/.\n\n${apiSdl()}`

const end = (code: number, ...lines: readonly string[]): never => {
  const stream = code === 0 ? process.stdout : process.stderr
  stream.write(`${lines.join('\n')}\n`)
  process.exit(code)
}

const promised = readFileSync(file, 'utf8')
const { breaking, other } = await schemaChanges(promised, present)

if (breaking.length > 0 && !values['accept-breaking']) {
  end(
    1,
    `${breaking.length} breaking changes since ${file}:`,
    ...breaking.map(sentence => `  - ${sentence}`),
    'A client that was right may fail on these. Where that is meant, `npm run schema:update -- --accept-breaking`',
    'writes them down; name them in CHANGELOG.md.',
  )
}
if (values.update) {
  writeFileSync(file, present)
  end(0, `${file} is written: ${breaking.length} breaking changes, ${other.length} others`)
}
if (promised !== present) {
  end(
    1,
    `${file} is not what the schema is now. No change is breaking:`,
    ...(other.length > 0 ? other : ['Only the order of its definitions, or its layout, has changed.']).map(
      sentence => `  - ${sentence}`,
    ),
    'Run `npm run schema:update` and commit the file with the change.',
  )
}
end(0, 'The schema is what clients were promised')
