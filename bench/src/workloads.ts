import { cursorBefore, DEEP_PAGE, DEEP_PLACES, PAGE, REFERENCES, SHALLOW_PLACES } from './data/answers.ts'
import { conferenceOf, participantsOf } from './data/expected.ts'
import type { Account, Data } from './data/rows.ts'

export const WORKLOADS = ['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6', 'Q6s', 'Q7'] as const
export type WorkloadName = (typeof WORKLOADS)[number]

/** What each is, for whoever reads the table. */
export const TITLES: Readonly<Record<WorkloadName, string>> = {
  Q1: 'one conference',
  Q2: 'fifty conferences',
  Q3: 'fifty with participants',
  Q4: 'one under 20 aliases',
  Q5: 'fifty with participants, 90 % over',
  Q6: '20 rows deep in 5,000',
  Q6s: '20 rows near the front of 5,000',
  Q7: '100 references',
}

/** How many rows an answer shows, without those below them. */
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
  /** The cursor of this gateway for the row before the page. */
  readonly after?: string
  /** How many rows stand before the page, for a gateway that counts them. */
  readonly offset?: number
  readonly representations?: readonly { __typename: 'Conference'; accountSid: string; sid: string }[]
}

/** One of the questions of a workload. They differ in what they are about, and not in what they cost. */
export interface Question {
  readonly authorization: string
  readonly variables: Variables
  /** What `data` must be. */
  readonly data: unknown
}

/** `count` accounts are asked for in turn, so that hardly two clients ask the same thing at the same time. */
export const questionsOf = (workload: WorkloadName, data: Data, count: number): readonly Question[] => {
  const { rows, busy, history, deep } = data
  const page = (sids: readonly string[], place: number) =>
    sids.slice(place, place + DEEP_PAGE).map(sid => conferenceOf(rows, sid))
  const ask = ({ sid, authorization }: Account, own: Omit<Variables, 'account'>, expected: unknown): Question => ({
    authorization,
    variables: { account: sid, ...own },
    data: expected,
  })
  const rooms = ({ conferences }: Account, withParticipants: boolean) => ({
    conferences: {
      nodes: conferences.slice(0, PAGE).map(sid => ({
        ...conferenceOf(rows, sid),
        ...(withParticipants && { participants: { nodes: participantsOf(rows, sid) } }),
      })),
    },
  })
  const deepQuestion = (place: number) =>
    ask(
      deep,
      { after: cursorBefore(deep, place), offset: place },
      { conferences: { nodes: page(deep.conferences, place) } },
    )
  const one = (place: number) => (account: Account, i: number) => {
    const sid = account.conferences[(place + i) % PAGE] ?? ''
    return { account, sid, conference: conferenceOf(rows, sid) }
  }

  const questions: Record<WorkloadName, () => Question[]> = {
    Q1: () => busy.map(one(0)).map(({ account, sid, conference }) => ask(account, { sid }, { conference })),
    Q2: () => busy.map(account => ask(account, {}, rooms(account, false))),
    Q3: () => busy.map(account => ask(account, {}, rooms(account, true))),
    Q4: () =>
      busy.map(one(7)).map(({ account, sid, conference }) => ask(account, { sid }, sameUnderAliases(conference))),
    Q5: () => history.map(account => ask(account, {}, rooms(account, true))),
    Q6: () => DEEP_PLACES.map(deepQuestion),
    Q6s: () => SHALLOW_PLACES.map(deepQuestion),
    Q7: () =>
      busy.map(account => {
        const sids = account.conferences.slice(0, REFERENCES).reverse()
        const representations = sids.map(sid => ({ __typename: 'Conference' as const, accountSid: account.sid, sid }))
        return ask(account, { representations }, { _entities: sids.map(sid => conferenceOf(rows, sid)) })
      }),
  }
  return questions[workload]().slice(0, count)
}

const ALIASES = Array.from({ length: 20 }, (_, i) => `a${i}`)

const sameUnderAliases = (conference: unknown) => Object.fromEntries(ALIASES.map(alias => [alias, conference]))

const FIVE = 'sid friendlyName status dateCreated uri'

/** The names that a schema has for the types of the arguments. */
export interface ArgumentTypes {
  readonly account: string
  readonly sid: string
}

/** The operation of each workload, as this gateway and whoever has its schema are asked. */
export const operationsFor = (types: ArgumentTypes): Readonly<Record<WorkloadName, string>> => {
  const account = `$account: ${types.account}`
  const sid = `$sid: ${types.sid}`
  const deep = (name: string) =>
    `query ${name}(${account}, $after: String) { conferences(accountSid: $account, first: ${DEEP_PAGE}, after: $after) { nodes { ${FIVE} } } }`
  const withParticipants = (name: string) =>
    `query ${name}(${account}) { conferences(accountSid: $account, first: ${PAGE}) { nodes { ${FIVE} participants { nodes { callSid muted hold } } } } }`
  return {
    Q1: `query Q1(${account}, ${sid}) { conference(accountSid: $account, sid: $sid) { ${FIVE} } }`,
    Q2: `query Q2(${account}) { conferences(accountSid: $account, first: ${PAGE}) { nodes { ${FIVE} } } }`,
    Q3: withParticipants('Q3'),
    Q4: `query Q4(${account}, ${sid}) { ${ALIASES.map(alias => `${alias}: conference(accountSid: $account, sid: $sid) { ${FIVE} }`).join(' ')} }`,
    Q5: withParticipants('Q5'),
    Q6: deep('Q6'),
    Q6s: deep('Q6s'),
    Q7: `query Q7($representations: [_Any!]!) { _entities(representations: $representations) { ... on Conference { ${FIVE} } } }`,
  }
}
