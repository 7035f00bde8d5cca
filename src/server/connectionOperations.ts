import { Cancellation } from '../context.ts'
import { clientGone } from '../errors.ts'

interface UnderWay {
  /** What asked for it. */
  readonly message: object
  readonly cancellation: Cancellation
}

/** What is under way on connections that carry many operations each, to be given up one by one, or with them. */
export class ConnectionOperations {
  readonly #byConnection = new WeakMap<object, Map<string, UnderWay>>()

  begin(connection: object, id: string, message: object): Cancellation {
    const cancellation = new Cancellation()
    const operations = this.#byConnection.get(connection)
    const operation = { message, cancellation }
    if (operations === undefined) this.#byConnection.set(connection, new Map([[id, operation]]))
    else operations.set(id, operation)
    return cancellation
  }

  /** The client may have given the id to another operation in the meantime; that one is not done. */
  done(connection: object, id: string, message: object): void {
    const operations = this.#byConnection.get(connection)
    if (operations?.get(id)?.message === message) operations.delete(id)
  }

  /** The client waits for this one no more. */
  abandon(connection: object, id: string): void {
    const operations = this.#byConnection.get(connection)
    operations?.get(id)?.cancellation.cancel(clientGone())
    operations?.delete(id)
  }

  /** The connection is closed. */
  abandonAll(connection: object): void {
    const operations = this.#byConnection.get(connection)
    this.#byConnection.delete(connection)
    for (const { cancellation } of operations?.values() ?? []) cancellation.cancel(clientGone())
  }
}
