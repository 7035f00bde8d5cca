import { clientDisconnected } from '../errorMapping.ts'
import { CancellationToken } from '../restcomm/cancellationToken.ts'

export class ActiveOperation {
  /** Payload of the `subscribe` message. Unlike the id, the payload object is unique for each operation. */
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

  /** If the client has reused the id for a new operation, keeps the new operation. */
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
