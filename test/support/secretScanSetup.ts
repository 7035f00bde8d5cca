import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECRETS_FILE } from './secretScan.ts'
import { knownSecrets, type Secret, secretsIn } from './secrets.ts'

export interface TestRun {
  provide(name: 'outputFolder', folder: string): void
}

/** Scans the recorded output of all gateways for credentials after the test run. A match fails the run. */
export default (run: TestRun): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-output-'))
  run.provide('outputFolder', folder)
  return () => {
    try {
      const leaks = findLeaks(folder)
      if (leaks.length > 0) throw new Error(`Credentials in the output of a gateway:\n${leaks.join('\n')}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

const findLeaks = (folder: string): readonly string[] => {
  const register = join(folder, SECRETS_FILE)
  const lines = existsSync(register) ? readFileSync(register, 'utf8').split('\n') : []
  const used = lines.filter(line => line !== '').flatMap(line => JSON.parse(line) as Secret[])
  const secrets = [...new Map([...used, ...knownSecrets()].map(one => [one.text, one])).values()]
  return readdirSync(folder)
    .filter(name => name !== SECRETS_FILE)
    .flatMap(name => {
      const found = secretsIn(readFileSync(join(folder, name), 'utf8'), secrets)
      return found.map(kind => `  ${name.split('.', 1)[0]}: ${kind}`)
    })
}
