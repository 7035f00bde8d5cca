import { demoCredentials, demoRows } from '../../src/sandbox/index.ts'
import { startGateway, type TestGateway } from './gateway.ts'

/** What `npm start` gives: the embedded sandbox's own rows, and its account for requests without credentials. */
export const startDemo = (): Promise<TestGateway> => startGateway({ rows: demoRows(), ownCredentials: demoCredentials })
