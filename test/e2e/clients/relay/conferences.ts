import { graphql } from 'relay-runtime'

/** Input of the Relay compiler, as in the components of an application. The tests import the generated files. */

export const conferencesQuery = () => graphql`
  query conferencesQuery($first: Int, $after: String, $last: Int, $before: String) @throwOnFieldError {
    ...conferences_conferences @arguments(first: $first, after: $after, last: $last, before: $before)
  }
`

export const conferencesFragment = () => graphql`
  fragment conferences_conferences on Query
  @throwOnFieldError
  @refetchable(queryName: "conferencesPaginationQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    conferences(first: $first, after: $after, last: $last, before: $before)
      @connection(key: "conferences_conferences") {
      edges {
        node {
          id
          sid
          ...conferences_conference
        }
      }
      pageInfo {
        startCursor
        endCursor
        hasNextPage
        hasPreviousPage
      }
    }
  }
`

export const conferenceFragment = () => graphql`
  fragment conferences_conference on Conference @throwOnFieldError @refetchable(queryName: "conferencesRefetchQuery") {
    sid
    friendlyName
    status
  }
`

export const participantsQuery = () => graphql`
  query conferencesParticipantsQuery($sid: ConferenceSid!, $first: Int, $after: String, $last: Int, $before: String) @throwOnFieldError {
    conference(sid: $sid) {
      ...conferences_participants @arguments(first: $first, after: $after, last: $last, before: $before)
    }
  }
`

export const participantsFragment = () => graphql`
  fragment conferences_participants on Conference
  @throwOnFieldError
  @refetchable(queryName: "conferencesParticipantsPaginationQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    participants(first: $first, after: $after, last: $last, before: $before)
      @connection(key: "conferences_participants") {
      edges {
        node {
          callSid
        }
      }
      pageInfo {
        startCursor
        endCursor
        hasNextPage
        hasPreviousPage
      }
    }
  }
`

export const hangUpMutation = () => graphql`
  mutation conferencesHangUpMutation($input: HangUpParticipantInput!, $connections: [ID!]!) {
    hangUpParticipant(input: $input) {
      removedParticipantId @deleteEdge(connections: $connections)
      userErrors {
        code
      }
    }
  }
`

export const endMutation = () => graphql`
  mutation conferencesEndMutation($input: EndConferenceInput!, $connections: [ID!]!) {
    endConference(input: $input) {
      removedParticipantIds @deleteEdge(connections: $connections)
      userErrors {
        code
      }
    }
  }
`
