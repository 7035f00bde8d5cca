import type { ExecutionArgs } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { Execution } from './execution.ts'
import { getQueryPlan } from './getQueryPlan.ts'

interface YogaExecutionArgs extends ExecutionArgs {
  readonly signal?: AbortSignal | undefined
  readonly schemaCoordinateInErrors?: boolean | undefined
}

/**
 * Executes queries with plans that are cached per document. Yoga's executor collects the fields of each object, and
 * creates a path and a resolve info for each field, which takes a quarter of the memory allocated for a large response.
 * Requests without a plan, such as mutations, run in Yoga's executor. Must be the first plugin, because later plugins
 * wrap the execute function to change the schema or the document.
 */
export function usePlannedExecution(): Plugin {
  return {
    onExecute: ({ executeFn, setExecuteFn }) => {
      setExecuteFn((args: YogaExecutionArgs) => {
        const { signal, schemaCoordinateInErrors, fieldResolver, typeResolver } = args
        const isSupported = !(signal || schemaCoordinateInErrors || fieldResolver || typeResolver)
        const planned = isSupported ? getQueryPlan(args) : null
        return planned === null ? executeFn(args) : new Execution(planned.plan, planned.variables, args).execute()
      })
    },
  }
}
