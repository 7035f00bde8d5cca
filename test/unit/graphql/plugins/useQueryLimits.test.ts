import { type DocumentNode, type FieldNode, Kind, OperationTypeNode, parse } from 'graphql'
import { expect, it } from 'vitest'
import { readConfig } from '../../../../src/config.ts'
import { createDocumentAnalyzer } from '../../../../src/graphql/analyzeDocument.ts'
import { useQueryLimits } from '../../../../src/graphql/plugins/useQueryLimits.ts'
import { createSchema } from '../../../../src/graphql/schema.ts'

/** A document nested too deeply for the stack of any recursive function. */
function deepDocument(levels: number): DocumentNode {
  let field: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'a' } }
  for (let i = 0; i < levels; i++) {
    field = { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections: [field] } }
  }
  const selectionSet = { kind: Kind.SELECTION_SET, selections: [field] } as const
  return {
    kind: Kind.DOCUMENT,
    definitions: [{ kind: Kind.OPERATION_DEFINITION, operation: OperationTypeNode.QUERY, selectionSet }],
  }
}

it('a document that overflows the stack of the analysis is QUERY_TOO_DEEP', () => {
  const { queries, limits } = readConfig({})
  const clientLimits = { rateLimit: null, operationLimits: { admit: () => undefined } }
  const { onValidate } = useQueryLimits(queries, clientLimits, createDocumentAnalyzer(createSchema(), limits))
  const validateDocument = (documentAST: DocumentNode) => {
    const results: unknown[] = []
    const payload = { params: { documentAST }, context: { operation: {} }, validateFn: () => [] }
    const api = { setResult: (errors: unknown) => results.push(errors), setValidationFn: () => undefined }
    onValidate?.({ ...payload, ...api } as never)
    return results
  }
  expect(validateDocument(parse('{ viewer { sid } }'))).toEqual([])
  expect(validateDocument(deepDocument(100_000))).toMatchObject([[{ extensions: { code: 'QUERY_TOO_DEEP' } }]])
})
