import { readFileSync } from 'node:fs'
import { parseRows, startSandbox } from '../../src/sandbox/index.ts'
import { SlowUpstream } from './slowUpstream.ts'

// Restcomm for the overload test, with delays for single accounts. A separate process, because the attacks keep their
// own process busy. The argument is the file with the rows. Sends the URL of Restcomm to the parent process.

/** Delays each answer for the account. Infinity: Restcomm never answers. */
export interface Delay {
  readonly accountSid: string
  readonly delayMs: number
}

const [, , rowsFile = ''] = process.argv
const sandbox = await startSandbox({ rows: parseRows(readFileSync(rowsFile, 'utf8')) })
const upstream = await SlowUpstream.start(sandbox.url)
process.on('message', ({ accountSid, delayMs }: Delay) => upstream.delay(accountSid, delayMs))
process.send?.(upstream.url)
