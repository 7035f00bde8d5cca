import type { Profiler } from 'node:inspector'

/** Self time of a function or an origin. An origin is, for example, a package or a folder of the gateway. */
export interface Hotspot {
  readonly name: string
  readonly selfUs: number
}

/**
 * Returns the self times of functions and origins in descending order, without idle time. The samples measure
 * wall-clock time, so the sums are scaled to the CPU time `usedUs`.
 */
export function findHotspots({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, usedUs: number) {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const functions = new Map<string, number>()
  const origins = new Map<string, number>()
  const add = (sums: Map<string, number>, name: string, us: number) => sums.set(name, (sums.get(name) ?? 0) + us)
  let totalUs = 0
  for (const [i, id] of samples.entries()) {
    const frame = byId.get(id)?.callFrame
    const timeUs = timeDeltas[i] ?? 0
    if (frame === undefined || frame.functionName === '(idle)' || frame.url === 'node:inspector') continue
    totalUs += timeUs
    const origin = originOf(frame)
    add(origins, origin, timeUs)
    add(functions, `${frame.functionName || '(anonymous)'} ${locationOf(frame)}`.trim(), timeUs)
  }
  const sorted = (sums: ReadonlyMap<string, number>): Hotspot[] =>
    Array.from(sums, ([name, selfUs]) => ({ name, selfUs: (selfUs * usedUs) / totalUs })).sort(
      (a, b) => b.selfUs - a.selfUs,
    )
  return { functions: sorted(functions), origins: sorted(origins) }
}

type Frame = Profiler.ProfileNode['callFrame']

function locationOf({ url, lineNumber }: Frame): string {
  return url === ''
    ? ''
    : `${url.replace(/^file:\/\//, '').replace(/^.*\/(?:node_modules|dist)\//, '')}:${lineNumber + 1}`
}

function originOf({ url, functionName }: Frame): string {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
  if (name !== undefined) return name
  const [, folder] = /\/dist\/([^/]+)/.exec(url) ?? []
  if (folder !== undefined) return `ours: ${folder.replace(/\.js$/, '')}`
  if (url.startsWith('node:')) return url.replace(/^(node:(?:internal\/)?[^/]+).*$/, '$1')
  return url === '' ? functionName || '(native)' : url
}
