/** Resolves once it holds; rejects when that takes too long. */
export const until = async (holds: () => boolean | Promise<boolean>, what: string, within = 8_000): Promise<void> => {
  const deadline = performance.now() + within
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`It did not come about that ${what}.`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
