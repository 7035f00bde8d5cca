import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Context } from '../../context.ts'

/**
 * Bounds the time of each query and mutation, with all that it reads. When the time is up, what has arrived is answered,
 * and what has not is an error at its place. A subscription has no end of its own, and so no deadline.
 */
export const deadline = (timeoutMs: number): Plugin<Context> => ({
  onExecute: ({ args }) => {
    const stop = (args.contextValue as Context).limitTime(timeoutMs)
    return {
      onExecuteDone: ({ result }) => {
        if (!isAsyncIterable(result)) {
          stop()
          return undefined
        }
        // Parts that are deferred belong to the request as well.
        return { onEnd: stop }
      },
    }
  },
})
