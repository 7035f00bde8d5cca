import { isDeepStrictEqual } from 'node:util'

/** Polls until the condition holds; rejects after `timeoutMs`. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  description: string,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Timed out after ${timeoutMs} ms waiting until ${description}.`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

export async function waitUntilEqual(
  left: () => unknown,
  right: () => unknown,
  description: string,
  timeoutMs = 60_000,
) {
  try {
    await waitUntil(() => isDeepStrictEqual(left(), right()), description, timeoutMs)
  } catch (error) {
    const sides = `${JSON.stringify(left())}\n${JSON.stringify(right())}`
    throw new Error(`${error instanceof Error ? error.message : error}\n${sides}`)
  }
}
