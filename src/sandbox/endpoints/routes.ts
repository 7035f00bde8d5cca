import { readAccount } from './accounts.ts'
import { listCalls, modifyCall, readCall } from './calls.ts'
import { listConferences, readConference } from './conferences.ts'
import type { Endpoint } from './endpointContext.ts'
import { listParticipants, muteParticipant, readParticipant } from './participants.ts'
import { listRecordings } from './recordings.ts'

/** The methods of a resource. Every resource also has HEAD and OPTIONS. */
interface ResourceMethods {
  get: Endpoint
  post?: Endpoint
}

interface Route {
  pattern: readonly string[]
  resource: ResourceMethods
}

const ROUTES: readonly Route[] = [
  { pattern: ['Accounts', '{account}'], resource: { get: readAccount } },
  { pattern: ['Accounts', '{account}', 'Conferences'], resource: { get: listConferences } },
  { pattern: ['Accounts', '{account}', 'Conferences', '{sid}'], resource: { get: readConference } },
  { pattern: ['Accounts', '{account}', 'Conferences', '{sid}', 'Participants'], resource: { get: listParticipants } },
  {
    pattern: ['Accounts', '{account}', 'Conferences', '{conference}', 'Participants', '{sid}'],
    resource: { get: readParticipant, post: muteParticipant },
  },
  { pattern: ['Accounts', '{account}', 'Calls'], resource: { get: listCalls } },
  { pattern: ['Accounts', '{account}', 'Calls', '{sid}'], resource: { get: readCall, post: modifyCall } },
  { pattern: ['Accounts', '{account}', 'Calls', '{sid}', 'Recordings'], resource: { get: listRecordings } },
]

interface RoutedResource {
  resource: ResourceMethods
  account: string
  sid: string
}

function matchPattern(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null
  const values: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (part.startsWith('{') && segment !== '') values[part.slice(1, -1)] = segment
    else if (part !== segment) return null
  }
  return values
}

export function findRoute(segments: readonly string[]): RoutedResource | null {
  for (const { pattern, resource } of ROUTES) {
    const values = matchPattern(pattern, segments)
    if (values !== null) return { resource, account: values.account ?? '', sid: values.sid ?? '' }
  }
  return null
}
