import { clientGone } from '../errors.ts'

/** What is under way on connections that carry many operations each, to be given up with them. */
export class Operations {
  readonly #byConnection = new WeakMap<object, Map<string, AbortController>>()

  begin(connection: object, id: string): AbortController {
    const abort = new AbortController()
    const operations = this.#byConnection.get(connection)
    if (operations === undefined) this.#byConnection.set(connection, new Map([[id, abort]]))
    else operations.set(id, abort)
    return abort
  }

  done(connection: object, id: string): void {
    this.#byConnection.get(connection)?.delete(id)
  }

  /** The connection is closed. */
  abort(connection: object): void {
    for (const operation of this.#byConnection.get(connection)?.values() ?? []) operation.abort(clientGone())
    this.#byConnection.delete(connection)
  }
}
