import { isDeepStrictEqual } from 'node:util'

/** Resolves once it holds; rejects when that takes too long. */
export const until = async (holds: () => boolean | Promise<boolean>, what: string, within = 15_000): Promise<void> => {
  const deadline = performance.now() + within
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`It did not come about that ${what}.`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

export const untilEqual = async (left: () => unknown, right: () => unknown, what: string, within = 15_000) => {
  try {
    await until(() => isDeepStrictEqual(left(), right()), what, within)
  } catch (error) {
    const sides = `${JSON.stringify(left())}\n${JSON.stringify(right())}`
    throw new Error(`${error instanceof Error ? error.message : error}\n${sides}`)
  }
}
