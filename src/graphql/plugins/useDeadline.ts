import { getOperationAST, OperationTypeNode } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { deadlineExceeded } from '../../restcomm/errors.ts'
import type { ServerContext } from '../requestContext.ts'

/**
 * At the deadline, resolved fields are returned and pending fields become errors. Mutations have `commandTimeoutMs`
 * more, so that a command can complete after the reads. The context limits the time of each event of a subscription.
 */
export function useDeadline(timeoutMs: number, commandTimeoutMs: number): Plugin<ServerContext> {
  return {
    onExecute: ({ args }) => {
      const { cancellation } = args.contextValue as ServerContext
      const operation = getOperationAST(args.document, args.operationName)?.operation
      const limitMs = operation === OperationTypeNode.MUTATION ? timeoutMs + commandTimeoutMs : timeoutMs
      cancellation.deadline = performance.now() + limitMs
      const timer = setTimeout(() => cancellation.cancel(deadlineExceeded('request', limitMs)), limitMs)
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
