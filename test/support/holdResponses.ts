import { onTestFinished } from 'vitest'
import type { InterceptedRequest } from '../../src/sandbox/index.ts'
import type { TestGateway } from './gateway.ts'

/** Holds the responses of the sandbox to the matching requests until `release` is called or the test ends. */
export function holdResponses({ sandbox }: TestGateway, isHeld: (request: InterceptedRequest) => boolean = () => true) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const held: InterceptedRequest[] = []
  sandbox.intercept(request => {
    if (!isHeld(request)) return undefined
    held.push(request)
    return promise.then(() => undefined)
  })
  onTestFinished(() => resolve())
  return { release: () => resolve(), heldRequests: () => held.length }
}
