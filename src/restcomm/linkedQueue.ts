export interface QueueNode {
  readonly run: () => void
  previous: QueueNode | null
  next: QueueNode | null
  isQueued: boolean
}

/**
 * FIFO queue of callbacks with removal in O(1). A `Set` would be slower, because the search for the first element skips
 * deleted entries.
 */
export class LinkedQueue {
  #head: QueueNode | null = null
  #tail: QueueNode | null = null
  #length = 0

  get length(): number {
    return this.#length
  }

  push(run: () => void): QueueNode {
    const node: QueueNode = { run, previous: this.#tail, next: null, isQueued: true }
    if (this.#tail === null) this.#head = node
    else this.#tail.next = node
    this.#tail = node
    this.#length++
    return node
  }

  /** `node` must come from this queue. Does nothing if the node has already left. */
  remove(node: QueueNode): void {
    if (!node.isQueued) return
    const { previous, next } = node
    if (previous === null) this.#head = next
    else previous.next = next
    if (next === null) this.#tail = previous
    else next.previous = previous
    node.previous = node.next = null
    node.isQueued = false
    this.#length--
  }

  shift(): QueueNode | null {
    const first = this.#head
    if (first !== null) this.remove(first)
    return first
  }
}
