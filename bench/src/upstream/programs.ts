import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Required files, and the Debian packages which contain them. */
const PROGRAMS = [
  { file: '/usr/sbin/nginx', package: 'nginx' },
  { file: '/usr/bin/wrk', package: 'wrk' },
  { file: '/usr/lib/nginx/modules/ngx_http_echo_module.so', package: 'libnginx-mod-http-echo' },
  { file: '/usr/bin/taskset', package: 'util-linux' },
] as const

/** Installs missing packages as root or by sudo. Throws if neither is possible. */
export function installPrograms(log: (line: string) => void): void {
  const missing = PROGRAMS.filter(({ file }) => !existsSync(file)).map(program => program.package)
  if (missing.length === 0) return
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const [command = '', ...prefix] = [...asRoot, 'apt-get']
  if (spawnSync(command, [...prefix, '--version']).status !== 0) {
    throw new Error(`Missing programs for the benchmarks: run "apt-get install ${missing.join(' ')}" as root.`)
  }
  log(`Installing ${missing.join(', ')}.`)
  const apt = (...args: string[]) =>
    execFileSync(command, [...prefix, ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: 'inherit',
    })
  apt('update', '-qq')
  apt('install', '-yqq', '--no-install-recommends', ...missing)
}
