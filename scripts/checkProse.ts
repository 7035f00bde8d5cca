import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { findPassages, type Passage, reportProse, SKIPPED_FOLDERS, shareOf } from './prose.ts'

// Measures the share of pointing words in comments and Markdown: `npm run check:prose [-- PATH…]`. CONTRIBUTING.md
// explains the limits under "Prose". The exit code is 1 if a path exceeds a limit.

const ROOT = join(import.meta.dirname, '..')
const PATHS = ['src', 'scripts', 'bench', 'test/support', 'docs', 'README.md', 'CONTRIBUTING.md']
const SHOWN_PASSAGES = 10

function percent(share: number, digits: number) {
  return `${(100 * share).toFixed(digits)} %`
}

const paths = process.argv.length > 2 ? process.argv.slice(2) : PATHS
for (const path of paths) {
  const report = reportProse([...passagesBelow(path)])
  const { share, maxShare, words, passages, hardPassages, maxHardPassages, isWithinLimits, worst } = report
  const summary =
    `${path}: ${percent(share, 1)} pointing words in ${words} words (limit ${percent(maxShare, 0)}), ` +
    `${hardPassages} of ${passages} passages with 20 % or more (limit ${maxHardPassages})`
  if (isWithinLimits) {
    process.stdout.write(`${summary}\n`)
    continue
  }
  process.exitCode = 1
  const lines = worst.slice(0, SHOWN_PASSAGES).map(passage => {
    const { file, line, text } = passage
    return `  ${percent(shareOf(passage), 0).padStart(5)}  ${file}:${line}  ${text.slice(0, 140)}\n`
  })
  process.stderr.write(`${summary}: too many. The worst passages:\n${lines.join('')}`)
}

function* passagesBelow(path: string): Generator<Passage> {
  const fullPath = resolve(ROOT, path)
  const file = relative(ROOT, fullPath).replaceAll('\\', '/')
  if (!statSync(fullPath).isDirectory()) {
    yield* findPassages(file, readFileSync(fullPath, 'utf8'))
    return
  }
  for (const name of readdirSync(fullPath).toSorted()) {
    if (!SKIPPED_FOLDERS.has(name)) yield* passagesBelow(join(fullPath, name))
  }
}
