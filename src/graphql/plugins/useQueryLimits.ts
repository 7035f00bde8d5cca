import { type DocumentNode, GraphQLError, parse, type validate } from 'graphql'
import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga'
import type { Config } from '../../config.ts'
import type { Context } from '../../context.ts'
import { quote, userInputError } from '../../userInputError.ts'
import type { AnalyzeDocument, CostEstimate, DocumentAnalysis } from '../analyzeDocument.ts'
import type { OperationLimits } from '../limits/operationLimits.ts'
import type { RateLimit, RateLimitState } from '../limits/rateLimit.ts'
import type { ServerContext } from '../requestContext.ts'
import type { WorkKind } from '../work.ts'

export type QueryLimits = Config['queries']
type OnExecuteDonePayload = Parameters<typeof handleStreamOrSingleExecutionResult<LimitsContext>>[0]

/** The `extensions.cost` of a response. The rate limit adds its state. */
type CostReport = Partial<RateLimitState> & { readonly requested: number; readonly limit: number }

/** Limits of each client. */
export interface ClientLimits {
  readonly rateLimit: RateLimit | null
  readonly operationLimits: Pick<OperationLimits, 'admit'>
}

type LimitsContext = ServerContext & Context

/**
 * Checks the query limits before validation, because validation is more expensive, and the cost and the rate limit
 * before execution. A document is validated once. The charge of a subscription pays for the first event.
 */
export function useQueryLimits(
  limits: QueryLimits,
  { rateLimit, operationLimits }: ClientLimits,
  analyzeDocument: AnalyzeDocument,
): Plugin<LimitsContext> {
  const validationResults = new WeakMap<DocumentNode, readonly Error[]>()
  const parseWithLimits = createLimitedParser(limits)
  // Yoga passes one context object to all hooks of a request, so the object identifies the request.
  const reports = new WeakMap<object, CostReport>()
  const addReport = (payload: OnExecuteDonePayload) => {
    const cost = reports.get(payload.args.contextValue)
    if (cost === undefined) return undefined
    return handleStreamOrSingleExecutionResult(payload, ({ result, setResult }) => {
      if (result.data !== undefined) setResult({ ...result, extensions: { ...result.extensions, cost } })
    })
  }
  return {
    onParse: ({ setParseFn }) => setParseFn(parseWithLimits),
    onValidate: ({ params: { documentAST }, context, setResult, validateFn, setValidationFn }) => {
      context.operation.document = documentAST
      const cached = validationResults.get(documentAST)
      if (cached !== undefined) return setResult([...cached])
      const errors = guardStackOverflow(() => checkQueryLimits(analyzeDocument(documentAST), limits))()
      if (errors.length > 0) setResult([...errors])
      setValidationFn(guardStackOverflow(validateFn as typeof validate) as typeof validate)
      return ({ result }) => void validationResults.set(documentAST, result)
    },
    // The limits per client need the client, so the context must be built.
    onContextBuilding: ({ context }) => {
      const { document } = context.operation
      const { operationName, variables } = context.params ?? {}
      const estimate = document && analyzeDocument(document).estimateCost(operationName, variables)
      if (estimate === null) return undefined
      context.operation.cost = estimate.cost
      checkCostLimits(estimate, limits)
      operationLimits.admit(context, estimate.work)
      const report: CostReport = { requested: estimate.cost, limit: limits.maxCost }
      if (context.wantsCost || context.params?.extensions?.cost === true) reports.set(context, report)
      return rateLimit?.(context.clientId, estimate.cost).then(state => void Object.assign(report, state))
    },
    onExecute: ({ context }) => (reports.has(context) ? { onExecuteDone: addReport } : undefined),
    onSubscribe: ({ context }) => (reports.has(context) ? { onSubscribeResult: addReport } : undefined),
  }
}

/** The parser stops at the limit, so that a long text takes little time. */
function createLimitedParser({ maxTokens, maxDepth }: QueryLimits): typeof parse {
  return (source, options) => {
    try {
      return parse(source, {
        ...options,
        maxTokens,
        noLocation: isLong(typeof source === 'string' ? source : source.body),
      })
    } catch (error) {
      // If a query is nested too deeply, the recursive parser overflows the stack with a `RangeError`.
      if (error instanceof RangeError) {
        const message = `The query is nested too deeply to parse: expected at most ${maxDepth} levels of fields (MAX_QUERY_DEPTH).`
        throw userInputError('QUERY_TOO_DEEP', message)
      }
      if (!(error instanceof GraphQLError)) throw error
      if (/ more tha[nt] \d+ tokens\b/.test(error.message)) {
        const message =
          `The query has more than the maximum of ${maxTokens} tokens: split the query, or pass ` +
          'long lists as variables.'
        throw userInputError('TOO_MANY_TOKENS', message)
      }
      // Yoga adds the same code, but not for a WebSocket.
      error.extensions.code ??= 'GRAPHQL_PARSE_FAILED'
      throw error
    }
  }
}

const MAX_LOCATED_CHARS = 65_536
const MAX_LOCATED_LINES = 1_000

/**
 * Errors in long documents have no `locations`. GraphQL.js counts the lines before each location, and a query of 1 MB can
 * contain 500,000 empty lines and cause 1,000 errors.
 */
function isLong(text: string): boolean {
  return text.length > MAX_LOCATED_CHARS || text.split(/[\r\n]/, MAX_LOCATED_LINES).length === MAX_LOCATED_LINES
}

/** If deeply nested fields, or cyclic fragments, overflow the stack of `check`, returns a `QUERY_TOO_DEEP` error. */
export function guardStackOverflow<Args extends readonly unknown[]>(check: (...args: Args) => readonly GraphQLError[]) {
  return (...args: Args): readonly GraphQLError[] => {
    try {
      return check(...args)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return [
        userInputError(
          'QUERY_TOO_DEEP',
          'The query is nested too deeply to validate, or fragments form a cycle: nest fewer fields and fragments.',
        ),
      ]
    }
  }
}

/** The path of each error of a response contains aliases, so a long alias in a list could take a gigabyte. */
const MAX_ALIAS_CHARS = 255

export function checkQueryLimits(analysis: DocumentAnalysis, limits: QueryLimits): readonly GraphQLError[] {
  const { depth, aliases, longestAlias, incrementalParts, introspects } = analysis
  const { maxDepth, maxAliases, maxDefers } = limits
  const errors: GraphQLError[] = []
  if (depth > maxDepth) {
    errors.push(limitExceeded('QUERY_TOO_DEEP', `The query is ${depth} fields deep`, `${maxDepth} (MAX_QUERY_DEPTH)`))
  }
  if (aliases > maxAliases) {
    errors.push(limitExceeded('TOO_MANY_ALIASES', `The query has ${aliases} aliases`, maxAliases))
  }
  if (longestAlias.length > MAX_ALIAS_CHARS) {
    const message = `The alias ${quote(longestAlias)} has ${longestAlias.length} characters: expected at most ${MAX_ALIAS_CHARS}.`
    errors.push(userInputError('BAD_USER_INPUT', message))
  }
  if (incrementalParts > maxDefers) {
    const parts = `${incrementalParts} parts with \`@defer\` or \`@stream\``
    errors.push(limitExceeded('TOO_MANY_DEFERS', `The query has ${parts}`, maxDefers))
  }
  if (introspects && !limits.introspection) {
    const message =
      'The query selects `__schema` or `__type`, but introspection is disabled: remove the ' +
      'field, or set INTROSPECTION to true.'
    errors.push(userInputError('INTROSPECTION_DISABLED', message))
  }
  return errors
}

/** Describes the largest share of the cost, and how to reduce that share. */
const ADVICE: Readonly<Record<WorkKind, string>> = {
  fields: 'fields: select fewer fields, or request smaller pages',
  bytes: 'long values and response keys: select fewer long values, use shorter aliases, or request smaller pages',
  rows: 'rows of Restcomm: request smaller pages, or sort fewer lists',
  requests: 'requests to Restcomm: request smaller pages, or fewer nested connections and look-ups',
  parts: 'parts of an incremental response: use `@defer` and `@stream` outside of nested lists',
}

function checkCostLimits({ cost, work, references }: CostEstimate, limits: QueryLimits): void {
  const { maxCost, maxReferences } = limits
  // Ids and references have a separate limit, because each invalid one adds an error to the response.
  if (references > maxReferences) {
    throw limitExceeded('TOO_MANY_IDS', `The query references ${references} objects by id or key`, maxReferences)
  }
  if (cost > maxCost) {
    const kind = work.largestKind
    const maximum = `${maxCost} (MAX_QUERY_COST). The largest share is ${work.costOf(kind)} for ${ADVICE[kind]}`
    throw limitExceeded('QUERY_TOO_COSTLY', `The query cost is ${cost}`, maximum, { cost, limit: maxCost })
  }
}

/** `maximum` may include the name of the setting and advice. */
function limitExceeded(code: string, text: string, maximum: string | number, extensions?: object): GraphQLError {
  return userInputError(code, `${text}, more than the maximum of ${maximum}.`, extensions)
}
