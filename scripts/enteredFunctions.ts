import { Session } from 'node:inspector/promises'
import { fileURLToPath } from 'node:url'

export interface EnteredFunctions {
  /** Files with at least one called function. */
  readonly files: number
  readonly functions: number
  readonly calls: number
}

/** Counts the functions of the files below `folder` that `work` calls, by V8's precise coverage. */
export async function countEnteredFunctions(
  folder: string,
  isCounted: (file: string) => boolean,
  work: () => Promise<unknown>,
): Promise<EnteredFunctions> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    // Each reading resets the counts.
    await session.post('Profiler.takePreciseCoverage')
    await work()
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const called = result
      .filter(({ url }) => url.startsWith('file:') && isCounted(fileURLToPath(url).slice(folder.length + 1)))
      .filter(({ url }) => fileURLToPath(url).startsWith(`${folder}/`))
      .map(({ functions }) => functions.map(({ ranges }) => ranges[0]?.count ?? 0).filter(count => count > 0))
      .filter(counts => counts.length > 0)
    return {
      files: called.length,
      functions: called.flat().length,
      calls: called.flat().reduce((sum, count) => sum + count, 0),
    }
  } finally {
    session.disconnect()
  }
}
