import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { environmentOf, type Stage, stagesOf, stepOf } from '../../scripts/dockerfile.ts'
import { readConfig } from '../../src/config.ts'

const ROOT = new URL('../../', import.meta.url)
const textOf = (name: string) => readFileSync(new URL(name, ROOT), 'utf8')
const { bin, engines, files } = JSON.parse(textOf('package.json'))

const stages = stagesOf(new URL('Dockerfile', ROOT))
const last = stages.at(-1) as Stage
const copies = stages.flatMap(({ steps }) => steps.filter(({ keyword }) => keyword === 'COPY'))

describe('the Dockerfile', () => {
  it('builds on one image, of a Node that the package is for', () => {
    const images = [...new Set(stages.map(({ image }) => image))]
    expect(images).toEqual([expect.stringMatching(/^node:24-[a-z]+-slim$/)])
    expect(engines.node).toBe('>=24.9')
  })

  it('ends as a user by number, who is not root', () => {
    expect(stepOf(last, 'USER')?.args).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)])
    const keywords = last.steps.map(({ keyword }) => keyword)
    // Nothing is written after it.
    expect(
      keywords.slice(keywords.indexOf('USER')).filter(keyword => ['COPY', 'RUN', 'ADD'].includes(keyword)),
    ).toEqual([])
  })

  it('copies what is there, which .dockerignore lets through, and nothing by ADD', () => {
    const own = copies.filter(({ from }) => from === null).flatMap(({ args }) => args.slice(0, -1))
    expect(own.filter(name => !existsSync(new URL(name, ROOT)))).toEqual([])
    const allowed = textOf('.dockerignore')
      .split('\n')
      .filter(line => line.startsWith('!'))
      .map(line => line.slice(1))
    expect([...new Set(own)].toSorted()).toEqual(allowed.toSorted())
    expect(stages.flatMap(({ steps }) => steps).map(({ keyword }) => keyword)).not.toContain('ADD')
  })

  it('lets nothing else in: no settings, no history, no packages of this machine', () => {
    expect(
      textOf('.dockerignore')
        .split('\n')
        .filter(line => line !== '' && !/^[#!]/.test(line)),
    ).toEqual(['*'])
  })

  it('takes from earlier stages what they have made', () => {
    const taken = copies.filter(({ from }) => from !== null)
    expect(taken.map(({ from, args }) => [from, ...args])).toEqual([
      ['packages', '/packages/node_modules', 'node_modules'],
      ['build', '/build/dist', 'dist'],
    ])
    const runs = Object.fromEntries(
      stages.map(({ name, steps }) => [name, steps.filter(({ keyword }) => keyword === 'RUN').map(({ text }) => text)]),
    )
    expect(runs).toEqual({ build: ['npm ci', 'npm run build'], packages: ['npm ci --omit=dev'], null: [] })
  })

  it('has in the image all that the published package has', () => {
    const there = last.steps.filter(({ keyword }) => keyword === 'COPY').flatMap(({ args }) => args)
    for (const name of ['dist', 'schema', 'LICENSE']) {
      expect(files).toContain(name)
      expect(there).toContain(name)
    }
  })

  it('starts what the build makes, by Node itself, so that signals reach it', () => {
    expect(stepOf(last, 'CMD')?.args).toEqual(['node', bin['restcomm-graphql']])
    expect(existsSync(new URL('src/main.ts', ROOT))).toBe(true)
    expect(stepOf(last, 'ENTRYPOINT')).toBeNull()
  })

  it('sets what a container needs, and no secret', () => {
    const environment = environmentOf(last)
    expect(environment).toEqual({ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '4000' })
    expect(readConfig(environment).http).toMatchObject({ host: '0.0.0.0', port: 4000 })
    expect(stepOf(last, 'EXPOSE')?.args).toEqual([environment.PORT])
  })

  it('has a health check that fails where nothing answers', () => {
    const [, ...args] = stepOf(last, 'HEALTHCHECK')?.args ?? []
    const check = () => execFileSync(process.execPath, args, { env: { PORT: '9' }, stdio: 'ignore' })
    expect(args).toHaveLength(2)
    expect(check).toThrow(expect.objectContaining({ status: 1 }))
  })
})
