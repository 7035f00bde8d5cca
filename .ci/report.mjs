// report.mjs FILE: summarizes Vitest's JSON report. The first line has the numbers of passed and failed tests. Each
// further line names a failed test, or a file that failed to load, with the first line of the error.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const lines = [`${numPassedTests} ${numFailedTests}`]

const firstLine = text => text.split('\n', 1)[0].slice(0, 300)
for (const { name, status, message, assertionResults } of testResults) {
  const file = relative(process.cwd(), name)
  if (status === 'failed' && message) lines.push(`${file}: ${firstLine(message)}`)
  for (const { fullName, failureMessages } of assertionResults) {
    const [failure] = failureMessages ?? []
    if (failure !== undefined) lines.push(`${file}: ${fullName}: ${firstLine(failure)}`)
  }
}
process.stdout.write(`${lines.join('\n')}\n`)
