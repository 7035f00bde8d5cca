import { conferenceOf, participantsOf } from './data/expectedData.ts'
import type { Account, TestData } from './data/testData.ts'
import { cursorBefore, DEEP_OFFSETS, DEEP_PAGE, PAGE, REFERENCES, SHALLOW_OFFSETS } from './data/upstreamResponses.ts'

export const WORKLOADS = ['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6', 'Q6s', 'Q7'] as const
export type WorkloadName = (typeof WORKLOADS)[number]

export const TITLES: Readonly<Record<WorkloadName, string>> = {
  Q1: 'one conference',
  Q2: '50 conferences',
  Q3: '50 with participants',
  Q4: 'one under 20 aliases',
  Q5: '50 with participants, 90 % completed',
  Q6: '20 rows deep in 5,000',
  Q6s: '20 rows near the start of 5,000',
  Q7: '100 references',
}

/** Number of top-level rows per response. */
export const ROWS: Readonly<Record<WorkloadName, number>> = {
  Q1: 1,
  Q2: PAGE,
  Q3: PAGE,
  Q4: 1,
  Q5: PAGE,
  Q6: DEEP_PAGE,
  Q6s: DEEP_PAGE,
  Q7: REFERENCES,
}

export interface Variables {
  readonly account: string
  readonly sid?: string
  /** The gateway's cursor for the row before the page. */
  readonly after?: string
  /** Number of rows before the page, for servers with offset cursors. */
  readonly offset?: number
  readonly representations?: readonly { __typename: 'Conference'; accountSid: string; sid: string }[]
}

/** A query of a workload. All queries of a workload have equal cost and different variables. */
export interface WorkloadQuery {
  readonly authorization: string
  readonly variables: Variables
  readonly data: unknown
}

/** Returns up to `count` queries for different accounts or pages, so that clients rarely send the same query. */
export function workloadQueries(workload: WorkloadName, data: TestData, count: number): readonly WorkloadQuery[] {
  const { rows, runningAccounts, completedAccounts, longListAccount } = data
  const page = (sids: readonly string[], offset: number) =>
    sids.slice(offset, offset + DEEP_PAGE).map(sid => conferenceOf(rows, sid))
  const createQuery = (
    { sid, authorization }: Account,
    variables: Omit<Variables, 'account'>,
    expected: unknown,
  ): WorkloadQuery => ({
    authorization,
    variables: { account: sid, ...variables },
    data: expected,
  })
  const list = ({ conferences }: Account, withParticipants: boolean) => ({
    conferences: {
      nodes: conferences.slice(0, PAGE).map(sid => ({
        ...conferenceOf(rows, sid),
        ...(withParticipants && { participants: { nodes: participantsOf(rows, sid) } }),
      })),
    },
  })
  const deepQuery = (offset: number) =>
    createQuery(
      longListAccount,
      { after: cursorBefore(longListAccount, offset), offset },
      { conferences: { nodes: page(longListAccount.conferences, offset) } },
    )
  const single = (index: number) => (account: Account, i: number) => {
    const sid = account.conferences[(index + i) % PAGE] ?? ''
    return { account, sid, conference: conferenceOf(rows, sid) }
  }

  const queries: Record<WorkloadName, () => WorkloadQuery[]> = {
    Q1: () =>
      runningAccounts
        .map(single(0))
        .map(({ account, sid, conference }) => createQuery(account, { sid }, { conference })),
    Q2: () => runningAccounts.map(account => createQuery(account, {}, list(account, false))),
    Q3: () => runningAccounts.map(account => createQuery(account, {}, list(account, true))),
    Q4: () =>
      runningAccounts
        .map(single(7))
        .map(({ account, sid, conference }) => createQuery(account, { sid }, sameUnderAliases(conference))),
    Q5: () => completedAccounts.map(account => createQuery(account, {}, list(account, true))),
    Q6: () => DEEP_OFFSETS.map(deepQuery),
    Q6s: () => SHALLOW_OFFSETS.map(deepQuery),
    Q7: () =>
      runningAccounts.map(account => {
        const sids = account.conferences.slice(0, REFERENCES).reverse()
        const representations = sids.map(sid => ({ __typename: 'Conference' as const, accountSid: account.sid, sid }))
        return createQuery(account, { representations }, { _entities: sids.map(sid => conferenceOf(rows, sid)) })
      }),
  }
  return queries[workload]().slice(0, count)
}

const ALIASES = Array.from({ length: 20 }, (_, i) => `a${i}`)

function sameUnderAliases(conference: unknown) {
  return Object.fromEntries(ALIASES.map(alias => [alias, conference]))
}

const CONFERENCE_FIELDS = 'sid friendlyName status dateCreated uri'

/** GraphQL types of the arguments. The gateway has SID types, the reference servers use `String`. */
export interface ArgumentTypes {
  readonly account: string
  readonly sid: string
}

export function operationsFor(types: ArgumentTypes): Readonly<Record<WorkloadName, string>> {
  const account = `$account: ${types.account}`
  const sid = `$sid: ${types.sid}`
  const deep = (name: string) =>
    `query ${name}(${account}, $after: String) { conferences(accountSid: $account, first: ${DEEP_PAGE}, after: $after) { nodes { ${CONFERENCE_FIELDS} } } }`
  const withParticipants = (name: string) =>
    `query ${name}(${account}) { conferences(accountSid: $account, first: ${PAGE}) { nodes { ${CONFERENCE_FIELDS} participants { nodes { callSid muted hold } } } } }`
  return {
    Q1: `query Q1(${account}, ${sid}) { conference(accountSid: $account, sid: $sid) { ${CONFERENCE_FIELDS} } }`,
    Q2: `query Q2(${account}) { conferences(accountSid: $account, first: ${PAGE}) { nodes { ${CONFERENCE_FIELDS} } } }`,
    Q3: withParticipants('Q3'),
    Q4: `query Q4(${account}, ${sid}) { ${ALIASES.map(alias => `${alias}: conference(accountSid: $account, sid: $sid) { ${CONFERENCE_FIELDS} }`).join(' ')} }`,
    Q5: withParticipants('Q5'),
    Q6: deep('Q6'),
    Q6s: deep('Q6s'),
    Q7: `query Q7($representations: [_Any!]!) { _entities(representations: $representations) { ... on Conference { ${CONFERENCE_FIELDS} } } }`,
  }
}
