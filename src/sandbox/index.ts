/** An embedded Restcomm: its REST API over rows in memory, for a first look, tests and benchmarks. */

export type { InterceptedRequest, Interception, Interceptor } from './http/interception.ts'
export type { SandboxRequest } from './http/request-log.ts'
export type { Dialect } from './lists/envelope.ts'
export type { ForeignEnvelopeSettings } from './lists/foreign-envelopes.ts'
export type { NewAccount, NewCall, NewConference, NewRecording } from './rows/new-rows.ts'
export type { RowStore } from './rows/row-store.ts'
export type { AccountRow, CallRow, ConferenceRow, OrganizationRow, RecordingRow, Rows } from './rows/rows.ts'
export type { Sandbox, SandboxOptions } from './sandbox.ts'
export { startSandbox } from './sandbox.ts'
