import { onTestFinished } from 'vitest'
import type { InterceptedRequest, Interception } from '../../src/sandbox/index.ts'
import type { TestGateway } from './gateway.ts'

/** Holds the responses of the sandbox to the matching requests. The test releases the responses one by one. */
export function holdEachResponse({ sandbox }: TestGateway, isHeld: (request: InterceptedRequest) => boolean) {
  const held: ((interception?: Interception) => void)[] = []
  let arrived = 0
  sandbox.intercept(request => {
    if (!isHeld(request)) return undefined
    arrived++
    return new Promise(resolve => held.push(resolve))
  })
  const releaseAll = () => {
    for (const release of held.splice(0)) release()
  }
  onTestFinished(() => {
    sandbox.intercept(null)
    releaseAll()
  })
  return {
    /** Number of matching requests so far. */
    arrived: () => arrived,
    /** Responds to the oldest held request, by default like the sandbox. */
    releaseOne: (interception?: Interception) => held.shift()?.(interception),
    releaseAll,
  }
}
