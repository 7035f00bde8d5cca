import { Cancellation } from '../restcomm/cancellation.ts'
import { clientGone } from '../errorCodes.ts'

/** One operation of a connection. */
export class UnderWay {
  /** What asked for it. */
  readonly message: object
  readonly cancellation = new Cancellation()
  #isAbandoned = false

  constructor(message: object) {
    this.message = message
  }

  /** Whether its client does not wait for it any more. */
  get isAbandoned(): boolean {
    return this.#isAbandoned
  }

  abandon(): void {
    this.#isAbandoned = true
    this.cancellation.cancel(clientGone())
  }
}

/** What is under way on connections that carry many operations each, to be given up one by one, or with them. */
export class ConnectionOperations {
  readonly #byConnection = new WeakMap<object, Map<string, UnderWay>>()

  begin(connection: object, id: string, message: object): UnderWay {
    const operations = this.#byConnection.get(connection)
    const operation = new UnderWay(message)
    if (operations === undefined) this.#byConnection.set(connection, new Map([[id, operation]]))
    else operations.set(id, operation)
    return operation
  }

  /** The client may have given the id to another operation in the meantime; that one is not done. */
  done(connection: object, id: string, message: object): void {
    const operations = this.#byConnection.get(connection)
    if (operations?.get(id)?.message === message) operations.delete(id)
  }

  /** The client waits for this one no more. */
  abandon(connection: object, id: string): void {
    const operations = this.#byConnection.get(connection)
    operations?.get(id)?.abandon()
    operations?.delete(id)
  }

  /** The connection is closed. */
  abandonAll(connection: object): void {
    const operations = this.#byConnection.get(connection)
    this.#byConnection.delete(connection)
    for (const operation of operations?.values() ?? []) operation.abandon()
  }
}
