import { clientDisconnected } from '../errorMapping.ts'
import { CancellationToken } from '../restcomm/cancellationToken.ts'

export class ActiveOperation {
  /** Payload of the `subscribe` message; identifies the operation if the client reuses an id. */
  readonly payload: object
  readonly cancellation = new CancellationToken()
  #isCancelled = false

  constructor(payload: object) {
    this.payload = payload
  }

  get isCancelled(): boolean {
    return this.#isCancelled
  }

  cancel(): void {
    this.#isCancelled = true
    this.cancellation.cancel(clientDisconnected())
  }
}

/** Operations in progress per WebSocket connection, for cancellation by operation id or by connection. */
export class ActiveOperations {
  readonly #byConnection = new WeakMap<object, Map<string, ActiveOperation>>()

  add(connection: object, id: string, payload: object): ActiveOperation {
    const operations = this.#byConnection.get(connection)
    const operation = new ActiveOperation(payload)
    if (operations === undefined) this.#byConnection.set(connection, new Map([[id, operation]]))
    else operations.set(id, operation)
    return operation
  }

  /** Compares the payload too, because the client may already use the id for a new operation. */
  remove(connection: object, id: string, payload: object): void {
    const operations = this.#byConnection.get(connection)
    if (operations?.get(id)?.payload === payload) operations.delete(id)
  }

  cancel(connection: object, id: string): void {
    const operations = this.#byConnection.get(connection)
    operations?.get(id)?.cancel()
    operations?.delete(id)
  }

  cancelAll(connection: object): void {
    const operations = this.#byConnection.get(connection)
    this.#byConnection.delete(connection)
    for (const operation of operations?.values() ?? []) operation.cancel()
  }
}
