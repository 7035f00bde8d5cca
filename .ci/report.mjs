// report.mjs FILE: what Vitest's JSON report says. The first line counts the tests that passed and that failed; each
// other names one that did not pass at once, or a file that could not be run, and says why in the words of its error.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const lines = [`${numPassedTests} ${numFailedTests}`]

const firstLine = text => text.split('\n', 1)[0].slice(0, 300)
for (const { name, status, message, assertionResults } of testResults) {
  const file = relative(process.cwd(), name)
  if (status === 'failed' && message) lines.push(`${file}: ${firstLine(message)}`)
  for (const { fullName, status: outcome, failureMessages } of assertionResults) {
    const [why] = failureMessages ?? []
    if (why === undefined) continue
    const when = outcome === 'failed' ? '' : ' (passed when tried again)'
    lines.push(`${file}: ${fullName}${when}: ${firstLine(why)}`)
  }
}
process.stdout.write(`${lines.join('\n')}\n`)
