import {
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'

export type Values = Readonly<Record<string, unknown>> | null | undefined

/**
 * What an operation's arguments are with the variables that came, before anybody has checked these: a value of the wrong
 * type is refused later.
 */
export class VariableValues {
  readonly #values: Record<string, unknown> = Object.create(null)
  #wereRead = false

  constructor({ variableDefinitions = [] }: OperationDefinitionNode, given: Values) {
    for (const { variable, defaultValue } of variableDefinitions) {
      const name = variable.name.value
      // Execution loses a variable of this name, whatever it is given: for it, the variable has no value.
      if (name === '__proto__') continue
      const value = given && Object.hasOwn(given, name) ? given[name] : undefined
      if (value !== undefined) this.#values[name] = value
      else if (defaultValue !== undefined) this.#values[name] = valueFromASTUntyped(defaultValue)
    }
  }

  /** Whether anything that was told depends on them. */
  get wereRead(): boolean {
    return this.#wereRead
  }

  argument({ arguments: all = [] }: Pick<FieldNode, 'arguments'>, name: string): unknown {
    const value = all.find(argument => argument.name.value === name)?.value
    return value && this.#valueOf(value)
  }

  /** By `@skip` or `@include`. */
  isLeftOut({ directives = [] }: SelectionNode): boolean {
    return directives.some(directive => {
      const { value: name } = directive.name
      if (name !== 'skip' && name !== 'include') return false
      return this.argument(directive, 'if') === (name === 'skip')
    })
  }

  #valueOf(node: ValueNode): unknown {
    this.#wereRead ||= node.kind === Kind.VARIABLE
    // The length of a list is all that is read of one, and variables in it do not change it.
    if (node.kind === Kind.LIST) return node.values
    return valueFromASTUntyped(node, this.#values)
  }
}
