import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { environmentOf, type Stage, stagesOf, stepOf } from '../../scripts/dockerfile.ts'
import { readConfig } from '../../src/config.ts'

const ROOT = new URL('../../', import.meta.url)
const textOf = (name: string) => readFileSync(new URL(name, ROOT), 'utf8')
const { bin, engines, files } = JSON.parse(textOf('package.json'))

const stages = stagesOf(new URL('Dockerfile', ROOT))
const imageStage = stages.at(-1) as Stage
const copies = stages.flatMap(({ steps }) => steps.filter(({ keyword }) => keyword === 'COPY'))

describe('the Dockerfile', () => {
  it('the Dockerfile uses a single base image with a supported Node version', () => {
    const images = [...new Set(stages.map(({ image }) => image))]
    expect(images).toEqual([expect.stringMatching(/^node:24-[a-z]+-slim$/)])
    expect(engines.node).toBe('>=24.9')
  })

  it('the image runs as a numeric non-root user', () => {
    expect(stepOf(imageStage, 'USER')?.args).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)])
    const keywords = imageStage.steps.map(({ keyword }) => keyword)
    // No instruction after USER writes to the image.
    expect(
      keywords.slice(keywords.indexOf('USER')).filter(keyword => ['COPY', 'RUN', 'ADD'].includes(keyword)),
    ).toEqual([])
  })

  it('the Dockerfile copies exactly the existing files which .dockerignore allows, without ADD', () => {
    const sources = copies.filter(({ from }) => from === null).flatMap(({ args }) => args.slice(0, -1))
    expect(sources.filter(name => !existsSync(new URL(name, ROOT)))).toEqual([])
    const allowed = textOf('.dockerignore')
      .split('\n')
      .filter(line => line.startsWith('!'))
      .map(line => line.slice(1))
    expect([...new Set(sources)].toSorted()).toEqual(allowed.toSorted())
    expect(stages.flatMap(({ steps }) => steps).map(({ keyword }) => keyword)).not.toContain('ADD')
  })

  it('.dockerignore excludes all files except the allowed files', () => {
    expect(
      textOf('.dockerignore')
        .split('\n')
        .filter(line => line !== '' && !/^[#!]/.test(line)),
    ).toEqual(['*'])
  })

  it('the image takes only dist and node_modules from earlier stages', () => {
    const stageCopies = copies.filter(({ from }) => from !== null)
    expect(stageCopies.map(({ from, args }) => [from, ...args])).toEqual([
      ['packages', '/packages/node_modules', 'node_modules'],
      ['build', '/build/dist', 'dist'],
    ])
    const runs = Object.fromEntries(
      stages.map(({ name, steps }) => [name, steps.filter(({ keyword }) => keyword === 'RUN').map(({ text }) => text)]),
    )
    expect(runs).toEqual({ build: ['npm ci', 'npm run build'], packages: ['npm ci --omit=dev'], null: [] })
  })

  it('the image contains the files of the published package', () => {
    const copied = imageStage.steps.filter(({ keyword }) => keyword === 'COPY').flatMap(({ args }) => args)
    for (const name of ['dist', 'schema', 'LICENSE']) {
      expect(files).toContain(name)
      expect(copied).toContain(name)
    }
  })

  it('the image starts the built program with node as the first process, which receives signals', () => {
    expect(stepOf(imageStage, 'CMD')?.args).toEqual(['node', bin['restcomm-graphql']])
    expect(existsSync(new URL('src/main.ts', ROOT))).toBe(true)
    expect(stepOf(imageStage, 'ENTRYPOINT')).toBeNull()
  })

  it('the image sets NODE_ENV, HOST and PORT only', () => {
    const environment = environmentOf(imageStage)
    expect(environment).toEqual({ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '4000' })
    expect(readConfig(environment).http).toMatchObject({ host: '0.0.0.0', port: 4000 })
    expect(stepOf(imageStage, 'EXPOSE')?.args).toEqual([environment.PORT])
  })

  it('the health check of the image fails if no server answers', () => {
    const [, ...args] = stepOf(imageStage, 'HEALTHCHECK')?.args ?? []
    const check = () => execFileSync(process.execPath, args, { env: { PORT: '9' }, stdio: 'ignore' })
    expect(args).toHaveLength(2)
    expect(check).toThrow(expect.objectContaining({ status: 1 }))
  })
})
