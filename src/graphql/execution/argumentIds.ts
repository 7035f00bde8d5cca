import { type FieldNode, type GraphQLField, print } from 'graphql'

/** Assigns equal ids to equal arguments of a field. All plans of a document share one instance to save memory. */
export class ArgumentIds {
  readonly #printedArguments = new Map<FieldNode, string>()
  readonly #idsByField = new Map<GraphQLField<unknown, unknown>, Map<string, number>>()
  #nextId = 0

  idOf(definition: GraphQLField<unknown, unknown>, node: FieldNode): number {
    const text = this.#printArguments(node)
    let ids = this.#idsByField.get(definition)
    if (ids === undefined) {
      ids = new Map()
      this.#idsByField.set(definition, ids)
    }
    let id = ids.get(text)
    if (id === undefined) {
      id = this.#nextId++
      ids.set(text, id)
    }
    return id
  }

  #printArguments(node: FieldNode): string {
    let text = this.#printedArguments.get(node)
    if (text === undefined) {
      text = node.arguments?.map(print).join() ?? ''
      this.#printedArguments.set(node, text)
    }
    return text
  }
}
