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
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const [first = 'true', ...others] = [...asRoot, 'apt-get']
  if (spawnSync(first, [...others, '--version']).status !== 0) {
    throw new Error(`The rig needs ${missing.join(', ')}: apt-get install ${missing.join(' ')}`)
  }
  say(`Installing ${missing.join(', ')}.`)
  const apt = (...args: string[]) =>
    execFileSync(first, [...others, ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: 'inherit',
    })
  apt('update', '-qq')
  apt('install', '-yqq', '--no-install-recommends', ...missing)
}
