import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { RestcommError } from '../../restcomm/errors.ts'
import type { ServerContext } from '../requestContext.ts'

/** At the deadline, resolved fields are returned and pending fields become errors. Subscriptions have no deadline. */
export function useDeadline(timeoutMs: number): Plugin<ServerContext> {
  return {
    onExecute: ({ args }) => {
      const { cancellation } = args.contextValue as ServerContext
      const timer = setTimeout(() => cancellation.cancel(deadlineExceeded(timeoutMs)), timeoutMs)
      return {
        onExecuteDone: ({ result }) => {
          // The deadline also applies to deferred parts, so the timer runs until the last part.
          if (isAsyncIterable(result)) return { onEnd: () => clearTimeout(timer) }
          clearTimeout(timer)
          return undefined
        },
      }
    },
  }
}

function deadlineExceeded(timeoutMs: number): RestcommError {
  return new RestcommError('deadlineExceeded', `The request timed out after ${timeoutMs} ms (REQUEST_TIMEOUT_MS).`)
}
