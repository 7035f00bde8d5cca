import { demoCredentials, demoRows } from '../../src/sandbox/index.ts'
import { startGateway, type TestGateway } from './gateway.ts'

/** Starts a gateway as `npm start` does: with the demo rows, and the demo account for requests without credentials. */
export function startDemo(): Promise<TestGateway> {
  return startGateway({ rows: demoRows(), serviceCredentials: demoCredentials })
}
