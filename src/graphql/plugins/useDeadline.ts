import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Context } from '../../context.ts'

/** At the deadline, resolved fields are returned and pending fields become errors. Subscriptions have no deadline. */
export function useDeadline(timeoutMs: number): Plugin<Context> {
  return {
    onExecute: ({ args }) => {
      const stopTimer = (args.contextValue as Context).startDeadline(timeoutMs)
      return {
        onExecuteDone: ({ result }) => {
          if (!isAsyncIterable(result)) {
            stopTimer()
            return undefined
          }
          // The deadline also applies to deferred parts, so the timer runs until the last part.
          return { onEnd: stopTimer }
        },
      }
    },
  }
}
