import { dateTime } from '../../servers/restcomm.ts'
import { type Variables, WORKLOADS, type WorkloadName } from '../workloads.ts'
import { dataOf } from './server.ts'

/** For gateways that are made from a description of the REST: the same questions, under the wire's own names. */

/** They have no entities that one could refer to. */
export const WITHOUT_REFERENCES: readonly WorkloadName[] = WORKLOADS.filter(name => name !== 'Q7')

const FIVE = 'sid friendlyName: friendly_name status dateCreated: date_created uri'
const PARTICIPANTS = 'participants { nodes: calls { callSid: sid muted hold } }'
const ONE = `conference(account: $account, sid: $sid) { ${FIVE} }`
const ALIASES = Array.from({ length: 20 }, (_, i) => `a${i}: ${ONE}`).join(' ')

/** `page` and `size` are the names of the arguments that choose a page. */
export const wireOperations = (page: string, size: string): Readonly<Partial<Record<WorkloadName, string>>> => {
  const list = (name: string, fields: string) =>
    `query ${name}($account: String!, $page: Int!, $size: Int!) { conferences(account: $account, ${page}: $page, ${size}: $size) { conferences { ${fields} } } }`
  return {
    Q1: `query Q1($account: String!, $sid: String!) { ${ONE} }`,
    Q2: list('Q2', FIVE),
    Q3: list('Q3', `${FIVE} ${PARTICIPANTS}`),
    Q4: `query Q4($account: String!, $sid: String!) { ${ALIASES} }`,
    Q5: list('Q5', `${FIVE} ${PARTICIPANTS}`),
    Q6: list('Q6', FIVE),
    Q6s: list('Q6s', FIVE),
  }
}

const DEEP_PAGE = 20
const PAGE = 50

export const wireVariables = (workload: WorkloadName, { account, sid, offset }: Variables) => {
  if (workload === 'Q1' || workload === 'Q4') return { account, sid }
  return offset === undefined
    ? { account, page: 0, size: PAGE }
    : { account, page: offset / DEEP_PAGE, size: DEEP_PAGE }
}

interface WireData {
  readonly conferences?: { readonly conferences: unknown }
}

/**
 * `data` under the names of this gateway. The list keeps the wire's own in the query, since one of these gateways loses
 * what lies below a list that has an alias. They pass a date on as it comes: it is the same moment, which is compared.
 */
export const wireData = (text: string): unknown => {
  const { conferences, ...others } = dataOf(text) as WireData
  const data = conferences === undefined ? others : { conferences: { nodes: conferences.conferences } }
  return JSON.parse(JSON.stringify(data), (name, value) => (name === 'dateCreated' ? dateTime(value) : value))
}
