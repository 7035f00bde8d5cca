import { graphql } from 'relay-runtime'

/** Input of the Relay compiler, as in the components of an application. The tests import the generated files. */

export const conferencesQuery = () => graphql`
  query RoomsQuery($first: Int, $after: String, $last: Int, $before: String) {
    ...Rooms_conferences @arguments(first: $first, after: $after, last: $last, before: $before)
  }
`

export const conferencesFragment = () => graphql`
  fragment Rooms_conferences on Query
  @refetchable(queryName: "RoomsPaginationQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    conferences(first: $first, after: $after, last: $last, before: $before)
      @connection(key: "Rooms_conferences") {
      edges {
        node {
          id
          sid
          ...Rooms_room
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
  fragment Rooms_room on Conference @refetchable(queryName: "RoomsRefetchQuery") {
    sid
    friendlyName
    status
  }
`

export const participantsQuery = () => graphql`
  query RoomsCallersQuery($sid: ConferenceSid!, $first: Int, $after: String, $last: Int, $before: String) {
    conference(sid: $sid) {
      ...Rooms_callers @arguments(first: $first, after: $after, last: $last, before: $before)
    }
  }
`

export const participantsFragment = () => graphql`
  fragment Rooms_callers on Conference
  @refetchable(queryName: "RoomsCallersPaginationQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    participants(first: $first, after: $after, last: $last, before: $before)
      @connection(key: "Rooms_participants") {
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
