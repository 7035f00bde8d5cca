export const typeDefs = /* GraphQL */ `
  type Query {
    conference(accountSid: String!, sid: String!): Conference
    "\`after\` is the number of rows before the page."
    conferences(accountSid: String!, first: Int!, after: String): ConferenceConnection!
    _entities(representations: [_Any!]!): [Conference]!
  }
  scalar _Any
  type ConferenceConnection { nodes: [Conference!]! }
  type Conference {
    sid: String!
    friendlyName: String
    status: String!
    dateCreated: String!
    uri: String!
    participants: ParticipantConnection!
  }
  type ParticipantConnection { nodes: [Participant!]! }
  type Participant { callSid: String!, muted: Boolean, hold: Boolean }
`

export function pageQuery(first: number, after: string | null | undefined): string {
  return `Page=${Number(after ?? 0) / first}&PageSize=${first}`
}
