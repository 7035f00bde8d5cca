import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { knownSecrets, type Secret, secretsIn } from './secrets.ts'
import { REGISTER } from './secretScan.ts'

/** Where the folder is told to the tests. */
export interface Run {
  provide(name: 'writtenFolder', folder: string): void
}

/**
 * Around the whole run: what gateways and their processes wrote is kept in a folder, and afterwards searched for every
 * credential that the tests used. One that is found fails the run.
 */
export default (run: Run): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'written-'))
  run.provide('writtenFolder', folder)
  return () => {
    try {
      const leaks = leaksBelow(folder)
      if (leaks.length > 0) throw new Error(`Credentials were written:\n${leaks.join('\n')}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

const leaksBelow = (folder: string): readonly string[] => {
  const register = join(folder, REGISTER)
  const lines = existsSync(register) ? readFileSync(register, 'utf8').split('\n') : []
  const used = lines.filter(line => line !== '').flatMap(line => JSON.parse(line) as Secret[])
  const secrets = [...new Map([...used, ...knownSecrets()].map(one => [one.text, one])).values()]
  return readdirSync(folder)
    .filter(name => name !== REGISTER)
    .flatMap(name => {
      const found = secretsIn(readFileSync(join(folder, name), 'utf8'), secrets)
      return found.map(kind => `  ${name.split('.', 1)[0]}: ${kind}`)
    })
}
