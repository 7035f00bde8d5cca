import { dateTime } from '../../servers/restcomm.ts'
import { type Variables, WORKLOADS, type WorkloadName } from '../workloads.ts'
import { graphqlData } from './server.ts'

// Queries for schemas generated from the REST API. Aliases rename the REST fields to the field names of the gateway.

/** Q7 queries `_entities`, which generated schemas do not have. */
export const WORKLOADS_WITHOUT_ENTITIES: readonly WorkloadName[] = WORKLOADS.filter(name => name !== 'Q7')

const CONFERENCE_FIELDS = 'sid friendlyName: friendly_name status dateCreated: date_created uri'
const PARTICIPANTS = 'participants { nodes: calls { callSid: sid muted hold } }'
const ONE_CONFERENCE = `conference(account: $account, sid: $sid) { ${CONFERENCE_FIELDS} }`
const ALIASES = Array.from({ length: 20 }, (_, i) => `a${i}: ${ONE_CONFERENCE}`).join(' ')

export function wireOperations(
  pageArgument: string,
  sizeArgument: string,
): Readonly<Partial<Record<WorkloadName, string>>> {
  const list = (name: string, fields: string) =>
    `query ${name}($account: String!, $page: Int!, $size: Int!) { conferences(account: $account, ${pageArgument}: $page, ${sizeArgument}: $size) { conferences { ${fields} } } }`
  return {
    Q1: `query Q1($account: String!, $sid: String!) { ${ONE_CONFERENCE} }`,
    Q2: list('Q2', CONFERENCE_FIELDS),
    Q3: list('Q3', `${CONFERENCE_FIELDS} ${PARTICIPANTS}`),
    Q4: `query Q4($account: String!, $sid: String!) { ${ALIASES} }`,
    Q5: list('Q5', `${CONFERENCE_FIELDS} ${PARTICIPANTS}`),
    Q6: list('Q6', CONFERENCE_FIELDS),
    Q6s: list('Q6s', CONFERENCE_FIELDS),
  }
}

const DEEP_PAGE = 20
const PAGE = 50

export function wireVariables(workload: WorkloadName, { account, sid, offset }: Variables) {
  if (workload === 'Q1' || workload === 'Q4') return { account, sid }
  return offset === undefined
    ? { account, page: 0, size: PAGE }
    : { account, page: offset / DEEP_PAGE, size: DEEP_PAGE }
}

interface WireData {
  readonly conferences?: { readonly conferences: unknown }
}

/**
 * Converts the list name and the dates in `data` to the gateway's format. The query has no alias for the list, because
 * a peer returns aliased lists without content.
 */
export function wireData(text: string): unknown {
  const { conferences, ...rest } = graphqlData(text) as WireData
  const data = conferences === undefined ? rest : { conferences: { nodes: conferences.conferences } }
  return JSON.parse(JSON.stringify(data), (name, value) => (name === 'dateCreated' ? dateTime(value) : value))
}
