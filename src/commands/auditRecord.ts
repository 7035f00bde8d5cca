import type { ConferenceKey } from '../model.ts'

export type AuditedAction = 'mute' | 'unmute' | 'hangUp'

/**
 * - `executed`: Restcomm accepted the command.
 * - `refused`: not executed, because Restcomm rejected the command, or the participant or conference is gone.
 * - `failed`: not executed, because of an error before the command was sent.
 * - `unknown`: may have been executed, for example after a timeout.
 * - `forbidden`: not sent, because the client has no right to the action or no access to the account.
 */
export type AuditOutcome = 'executed' | 'refused' | 'failed' | 'unknown' | 'forbidden'

/** A command for a call, or a mutation that sent no command. */
export interface AuditRecord {
  readonly action: AuditedAction
  readonly conference: ConferenceKey
  /** Null for a mutation of a whole conference that sent no command. */
  readonly callSid: string | null
  readonly outcome: AuditOutcome
}
