import type { Logger } from 'pino'
import type { AuditRecord } from '../commands/conferenceCommands.ts'
import type { Client } from '../restcomm/principal.ts'
import { clientFields } from './clientFields.ts'

/** Writes a line for each action of a moderator, at any `LOG_LEVEL`, to the stream of the log. */
export function createAuditLog(log: Logger) {
  const audit = log.child({ audit: true }, { level: 'info' })
  return ({ action, conference, callSid, outcome }: AuditRecord, client: Client, requestId: string): void => {
    const target = { accountSid: conference.accountSid, conferenceSid: conference.sid, callSid: callSid ?? undefined }
    audit.info({ requestId, ...clientFields(client), action, ...target, outcome }, 'moderator action')
  }
}
