import type { Profiler } from 'node:inspector'

/** A function, or a room or package, and how long it was at work itself. Microseconds. */
export interface Hotspot {
  readonly name: string
  readonly selfUs: number
}

/**
 * Functions, and where they are from, the longest at work first. Time in which nothing was to do, or the profiler was at
 * work, is left out. The rest is shared among them as their part of `usedUs`, since a profile goes by the clock, and on
 * a busy machine that counts what others did meanwhile.
 */
export const hotspots = ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, usedUs: number) => {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const functions = new Map<string, number>()
  const origins = new Map<string, number>()
  const add = (sums: Map<string, number>, name: string, time: number) => sums.set(name, (sums.get(name) ?? 0) + time)
  let all = 0
  for (const [i, id] of samples.entries()) {
    const frame = byId.get(id)?.callFrame
    const time = timeDeltas[i] ?? 0
    if (frame === undefined || frame.functionName === '(idle)' || frame.url === 'node:inspector') continue
    all += time
    const origin = originOf(frame)
    add(origins, origin, time)
    add(functions, `${frame.functionName || '(anonymous)'} ${placeOf(frame)}`.trim(), time)
  }
  const sorted = (sums: ReadonlyMap<string, number>): Hotspot[] =>
    Array.from(sums, ([name, selfUs]) => ({ name, selfUs: (selfUs * usedUs) / all })).sort(
      (one, other) => other.selfUs - one.selfUs,
    )
  return { functions: sorted(functions), origins: sorted(origins) }
}

type Frame = Profiler.ProfileNode['callFrame']

const placeOf = ({ url, lineNumber }: Frame): string =>
  url === '' ? '' : `${url.replace(/^file:\/\//, '').replace(/^.*\/(?:node_modules|dist)\//, '')}:${lineNumber + 1}`

/** A package, a room of this gateway, or a part of Node. */
const originOf = ({ url, functionName }: Frame): string => {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
  if (name !== undefined) return name
  const [, room] = /\/dist\/([^/]+)/.exec(url) ?? []
  if (room !== undefined) return `ours: ${room.replace(/\.js$/, '')}`
  if (url.startsWith('node:')) return url.replace(/^(node:(?:internal\/)?[^/]+).*$/, '$1')
  return url === '' ? functionName || '(native)' : url
}
