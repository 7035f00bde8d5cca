import type { ExecutionArgs, ExecutionResult } from 'graphql'

type Execute = (args: ExecutionArgs) => unknown

/** Slices change the order of errors. */
export async function resultOf(execute: Execute, args: ExecutionArgs) {
  const { data, errors = [] } = (await execute(args)) as ExecutionResult
  return { data: JSON.stringify(data), errors: errors.map(error => JSON.stringify(error)).sort() }
}

/** Calls `onTurn` in each turn of the event loop until `work` settles. */
export async function countTurns<T>(work: PromiseLike<T>, onTurn: () => void): Promise<T> {
  let immediate = setImmediate(function turn() {
    onTurn()
    immediate = setImmediate(turn)
  })
  try {
    return await work
  } finally {
    clearImmediate(immediate)
  }
}
