import { type FieldNode, Kind, type OperationDefinitionNode, type ValueNode, valueFromASTUntyped } from 'graphql'

export type VariablesInput = Readonly<Record<string, unknown>> | null | undefined

/** Reads argument values before coercion, so a value can have a wrong type. */
export class RawVariables {
  readonly #values: Record<string, unknown> = Object.create(null)
  /** If false, the results do not depend on the variables, and can be cached per operation. */
  wereUsed = false

  constructor({ variableDefinitions = [] }: Partial<OperationDefinitionNode>, input: VariablesInput) {
    for (const { variable, defaultValue } of variableDefinitions) {
      const name = variable.name.value
      // The executor drops a variable named `__proto__`, so the variable has no value during execution either.
      if (name === '__proto__') continue
      const value = input && Object.hasOwn(input, name) ? input[name] : undefined
      if (value !== undefined) this.#values[name] = value
      else if (defaultValue !== undefined) this.#values[name] = valueFromASTUntyped(defaultValue)
    }
  }

  argumentValue({ arguments: args = [] }: Pick<FieldNode, 'arguments'>, name: string): unknown {
    const value = args.find(argument => argument.name.value === name)?.value
    return value && this.#valueOf(value)
  }

  /** The field of an argument whose type is an input object. */
  fieldOfArgument({ arguments: args = [] }: Pick<FieldNode, 'arguments'>, name: string, field: string): unknown {
    const node = args.find(argument => argument.name.value === name)?.value
    if (node?.kind !== Kind.OBJECT) return node && Object(this.#valueOf(node))[field]
    const value = node.fields.find(({ name }) => name.value === field)?.value
    return value && this.#valueOf(value)
  }

  isSkipped({ directives = [] }: Pick<FieldNode, 'directives'>): boolean {
    return directives.some(directive => {
      const { value: name } = directive.name
      if (name !== 'skip' && name !== 'include') return false
      return this.argumentValue(directive, 'if') === (name === 'skip')
    })
  }

  #valueOf(node: ValueNode): unknown {
    this.wereUsed ||= node.kind === Kind.VARIABLE
    // Returns AST nodes, because limits depend only on the length of a list, which variables in the list do not change.
    if (node.kind === Kind.LIST) return node.values
    return valueFromASTUntyped(node, this.#values)
  }
}
