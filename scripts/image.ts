import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { environmentOf, type Stage, stagesOf, stepOf } from './dockerfile.ts'

/**
 * Builds and runs what the Dockerfile says, where there is no Docker: `build FOLDER` does what its stages do, each in a
 * folder of its own below FOLDER, and with `--installed` an `npm ci` of just what this project's own was given takes over
 * what that has installed, as Docker keeps a layer; `run FOLDER` runs the command of the last one, with its variables, as its user, who
 * finds everything read-only. For the last two it must be root, on Linux.
 */

const ROOT = resolve(import.meta.dirname, '..')
const [command, folder, ...options] = process.argv.slice(2)
const isInstalled = options.includes('--installed')
if (folder === undefined || (command !== 'build' && command !== 'run'))
  throw new Error('Give build or run, and a folder.')

const stages = stagesOf(new URL('../Dockerfile', import.meta.url))
const last = stages.at(-1)
if (last === undefined) throw new Error('The Dockerfile has no stage.')

const rootOf = (stage: Stage): string => join(resolve(folder), stage.name ?? 'image')
const workdirOf = (stage: Stage): string => join(rootOf(stage), stepOf(stage, 'WORKDIR')?.args[0] ?? '/')

const copy = (stage: Stage, sources: readonly string[], target: string, from: string | null): void => {
  const other = from === null ? undefined : stages.find(({ name }) => name === from)
  if (from !== null && other === undefined) throw new Error(`There is no stage ${from}.`)
  const base = other === undefined ? ROOT : rootOf(other)
  for (const source of sources) {
    const path = join(base, source)
    // A folder's content goes to the target; a file goes into it where it is one, or is one by its slash.
    const isInto = !statSync(path).isDirectory() && (target.endsWith('/') || sources.length > 1)
    const to = join(workdirOf(stage), target, isInto ? basename(source) : '')
    cpSync(path, to, { recursive: true, verbatimSymlinks: true })
  }
}

const isAsHere = (stage: Stage, file: string): boolean =>
  readFileSync(join(workdirOf(stage), file)).equals(readFileSync(join(ROOT, file)))

const perform = (stage: Stage, text: string): void => {
  const cwd = workdirOf(stage)
  const isKnown =
    text === 'npm ci' && ['package.json', 'package-lock.json', '.npmrc'].every(file => isAsHere(stage, file))
  if (isInstalled && isKnown) execFileSync('cp', ['-al', join(ROOT, 'node_modules'), cwd])
  else execFileSync('sh', ['-c', text], { cwd, env: { ...process.env, ...environmentOf(stage) }, stdio: 'inherit' })
}

const build = (stage: Stage): void => {
  mkdirSync(workdirOf(stage), { recursive: true })
  for (const { keyword, args, text, from } of stage.steps) {
    if (keyword === 'COPY') copy(stage, args.slice(0, -1), args.at(-1) ?? '', from)
    if (keyword === 'RUN') perform(stage, text)
  }
}

/** Without its settings, so that those of the image and those that are given on the way are in force. */
const run = (): void => {
  const cwd = workdirOf(last)
  const args = stepOf(last, 'CMD')?.args.slice(1) ?? []
  const [user = '', group = ''] = (stepOf(last, 'USER')?.args[0] ?? '').split(':')
  const isRoot = process.getuid?.() === 0 && process.platform === 'linux'
  const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && exec "$@"'
  const asUser = ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups', '--no-new-privs']
  const asNobody = ['unshare', '--mount', 'sh', '-c', readOnly, cwd, ...asUser]
  const [file = '', ...rest] = [...(isRoot ? asNobody : []), process.execPath, ...args]
  const env = { ...environmentOf(last), ...process.env }
  const child = spawn(file, rest, { cwd, env, stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', code => {
    process.exitCode = code ?? 1
  })
}

if (command === 'build') {
  rmSync(folder, { recursive: true, force: true })
  for (const stage of stages) build(stage)
} else {
  run()
}
