import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { environmentOf, type Stage, stagesOf, stepOf } from './dockerfile.ts'

// Builds and runs the image of the Dockerfile without Docker. `build FOLDER` runs each stage in a folder below FOLDER.
// With `--installed`, hard links to the project's node_modules replace `npm ci` if the package files are unchanged.
// `run FOLDER` runs the last stage. If root calls the script on Linux, the stage runs as the user of the image and cannot
// write to its folder.

const ROOT = resolve(import.meta.dirname, '..')
const [command, folder = '', ...options] = process.argv.slice(2)
const reusesInstalled = options.includes('--installed')
if (folder === '' || (command !== 'build' && command !== 'run')) {
  const given = process.argv.slice(2).join(' ')
  throw new Error(`Invalid arguments "${given}": expected \`build FOLDER [--installed]\` or \`run FOLDER\`.`)
}

const stages = stagesOf(new URL('../Dockerfile', import.meta.url))

function rootOf(stage: Stage): string {
  return join(resolve(folder), stage.name ?? 'image')
}

function workdirOf(stage: Stage): string {
  return join(rootOf(stage), stepOf(stage, 'WORKDIR')?.args[0] ?? '/')
}

function copy(stage: Stage, sources: readonly string[], target: string, from: string | null): void {
  const sourceStage = from === null ? undefined : stages.find(({ name }) => name === from)
  if (from !== null && sourceStage === undefined) {
    throw new Error(`COPY --from=${from}: the Dockerfile has no stage "${from}".`)
  }
  const base = sourceStage === undefined ? ROOT : rootOf(sourceStage)
  for (const source of sources) {
    const path = join(base, source)
    // If `target` ends with a slash or COPY has several sources, Docker copies a file into the folder `target`.
    const isInto = !statSync(path).isDirectory() && (target.endsWith('/') || sources.length > 1)
    const to = join(workdirOf(stage), target, isInto ? basename(source) : '')
    cpSync(path, to, { recursive: true, verbatimSymlinks: true })
  }
}

function isUnchanged(stage: Stage, file: string): boolean {
  return readFileSync(join(workdirOf(stage), file)).equals(readFileSync(join(ROOT, file)))
}

function runStep(stage: Stage, shellCommand: string): void {
  const cwd = workdirOf(stage)
  const isInstalled =
    shellCommand === 'npm ci' && ['package.json', 'package-lock.json', '.npmrc'].every(file => isUnchanged(stage, file))
  if (reusesInstalled && isInstalled) execFileSync('cp', ['-al', join(ROOT, 'node_modules'), cwd])
  else
    execFileSync('sh', ['-c', shellCommand], {
      cwd,
      env: { ...process.env, ...environmentOf(stage) },
      stdio: 'inherit',
    })
}

function buildStage(stage: Stage): void {
  mkdirSync(workdirOf(stage), { recursive: true })
  for (const { keyword, args, text, from } of stage.steps) {
    if (keyword === 'COPY') copy(stage, args.slice(0, -1), args.at(-1) ?? '', from)
    if (keyword === 'RUN') runStep(stage, text)
  }
}

/** Environment variables of this process override the variables of the image, as with `docker run --env`. */
function runImage(image: Stage): void {
  const cwd = workdirOf(image)
  const args = stepOf(image, 'CMD')?.args.slice(1) ?? []
  const [user = '', group = ''] = (stepOf(image, 'USER')?.args[0] ?? '').split(':')
  const isRoot = process.getuid?.() === 0 && process.platform === 'linux'
  const remountReadOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && exec "$@"'
  const asUser = ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups', '--no-new-privs']
  const isolated = ['unshare', '--mount', 'sh', '-c', remountReadOnly, cwd, ...asUser]
  const [file = '', ...rest] = [...(isRoot ? isolated : []), process.execPath, ...args]
  const env = { ...environmentOf(image), ...process.env }
  const child = spawn(file, rest, { cwd, env, stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', code => {
    process.exitCode = code ?? 1
  })
}

const image = stages.at(-1)
if (image === undefined) throw new Error('The Dockerfile has no stage.')
if (command === 'build') {
  rmSync(folder, { recursive: true, force: true })
  for (const stage of stages) buildStage(stage)
} else {
  runImage(image)
}
