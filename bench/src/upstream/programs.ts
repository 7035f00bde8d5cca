import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What the rig needs of the machine: where it is, and the Debian package that brings it. */
const PROGRAMS = [
  { file: '/usr/sbin/nginx', package: 'nginx' },
  { file: '/usr/bin/wrk', package: 'wrk' },
  { file: '/usr/lib/nginx/modules/ngx_http_echo_module.so', package: 'libnginx-mod-http-echo' },
  { file: '/usr/bin/taskset', package: 'util-linux' },
] as const

/** Installs what is missing, or throws a sentence that says how. */
export const installPrograms = (say: (line: string) => void): void => {
  const missing = PROGRAMS.filter(({ file }) => !existsSync(file)).map(program => program.package)
  if (missing.length === 0) return
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
  if (!mayInstall) throw new Error(`The rig needs ${missing.join(', ')}: ${command}`)
  say(`Installing ${missing.join(', ')}.`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'inherit' })
  execFileSync('apt-get', ['install', '-yqq', '--no-install-recommends', ...missing], { env, stdio: 'inherit' })
}
