import cluster from 'node:cluster'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Crew } from '../../src/process/crew.ts'
import { until } from '../support/until.ts'

/** A worker that serves at once, and ends when it is told to. */
const WORKER = `process.send({ kind: 'serving' }); process.on('message', () => process.exit(0))`

let folder: string
let crew: Crew
const crashes: unknown[] = []
const begin = () => {
  crew = new Crew({
    size: 2,
    startMs: 60_000,
    onMessage: () => undefined,
    onLate: () => undefined,
    onEnd: () => undefined,
    onCrash: (_worker, ending) => crashes.push(ending.err),
  })
}
/** Without this folder no process can be made. */
const goAway = () => rmSync(join(folder, 'here'), { recursive: true })
const comeBack = () => mkdirSync(join(folder, 'here'))

beforeEach(() => {
  crashes.length = 0
  folder = mkdtempSync(join(tmpdir(), 'crew-'))
  writeFileSync(join(folder, 'worker.mjs'), WORKER)
  comeBack()
  cluster.setupPrimary({ exec: join(folder, 'worker.mjs'), args: [], execArgv: [], cwd: join(folder, 'here') })
  begin()
})
afterEach(async () => {
  crew.stop(null)
  await crew.gone
  rmSync(folder, { recursive: true })
})

it('tries again where no process could be made', async () => {
  goAway()
  crew.fill()
  await until(() => crashes.length > 0, 'it is told')
  expect(crashes[0]).toMatchObject({ code: 'ENOENT' })
  comeBack()
  await until(() => crew.serving.length === 2, 'both are there')
})

it('keeps those that are there where no new process can be made, and can replace them later', async () => {
  crew.fill()
  await until(() => crew.serving.length === 2, 'both are there')
  const before = crew.serving
  goAway()
  expect(await crew.roll()).toBe(false)
  expect(crew.serving).toEqual(before)
  comeBack()
  expect(await crew.roll()).toBe(true)
  await until(() => crew.serving.length === 2, 'both new ones are there, and the old ones are not')
  expect(crew.serving.some(worker => before.includes(worker))).toBe(false)
})

it('bears it that the machine refuses at once', async () => {
  const fork = vi.spyOn(cluster, 'fork').mockImplementation(() => {
    throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' })
  })
  crew.fill()
  expect(crashes).toMatchObject([{ code: 'ENOMEM' }])
  expect(await crew.roll()).toBe(true)
  fork.mockRestore()
  await until(() => crew.serving.length === 2, 'both are there')
})
