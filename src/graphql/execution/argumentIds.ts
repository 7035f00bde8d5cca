import { type FieldNode, type GraphQLField, print } from 'graphql'

/**
 * Numbers for what the fields of a document are given, the same where it is the same: a run reads arguments once for each
 * number. There is one of these for a document, whatever plans it has, and each argument's text is kept once: texts can be
 * long, and plans many.
 */
export class ArgumentNumbers {
  readonly #texts = new Map<FieldNode, string>()
  readonly #numbers = new Map<GraphQLField<unknown, unknown>, Map<string, number>>()
  #count = 0

  /** `definition` takes arguments. */
  of(definition: GraphQLField<unknown, unknown>, node: FieldNode): number {
    const given = this.#textOf(node)
    let numbers = this.#numbers.get(definition)
    if (numbers === undefined) {
      numbers = new Map()
      this.#numbers.set(definition, numbers)
    }
    let number = numbers.get(given)
    if (number === undefined) {
      number = this.#count++
      numbers.set(given, number)
    }
    return number
  }

  #textOf(node: FieldNode): string {
    let text = this.#texts.get(node)
    if (text === undefined) {
      text = node.arguments?.map(print).join() ?? ''
      this.#texts.set(node, text)
    }
    return text
  }
}
