import { Session } from 'node:inspector/promises'
import { fileURLToPath } from 'node:url'

export interface EnteredFunctions {
  /** Files with at least one called function. */
  readonly files: number
  readonly functions: number
  readonly calls: number
  /** A line for each file with the names and calls of the functions. */
  readonly list: readonly string[]
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
      .filter(({ url }) => url.startsWith(`file://${folder}/`))
      .map(({ url, functions }) => ({
        file: fileURLToPath(url).slice(folder.length + 1),
        functions: functions
          .map(({ functionName, ranges }) => ({ name: functionName || '(anonymous)', calls: ranges[0]?.count ?? 0 }))
          .filter(({ calls }) => calls > 0),
      }))
      .filter(({ file, functions }) => functions.length > 0 && isCounted(file))
    const functions = called.flatMap(({ functions }) => functions)
    return {
      files: called.length,
      functions: functions.length,
      calls: functions.reduce((sum, { calls }) => sum + calls, 0),
      list: called.map(({ file, functions }) => {
        return `${file}: ${functions.map(({ name, calls }) => `${name} ${calls}`).join(', ')}`
      }),
    }
  } finally {
    session.disconnect()
  }
}
