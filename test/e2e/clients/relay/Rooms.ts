import { graphql } from 'relay-runtime'

/**
 * What components of an application would have: the compiler reads these and writes `__generated__/`. Nothing calls
 * them: a build puts the generated file in the place of each, and the tests import it themselves.
 */

export const query = () => graphql`
  query RoomsQuery($first: Int, $after: String, $last: Int, $before: String) {
    ...Rooms_conferences @arguments(first: $first, after: $after, last: $last, before: $before)
  }
`

export const conferences = () => graphql`
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

export const room = () => graphql`
  fragment Rooms_room on Conference @refetchable(queryName: "RoomsRefetchQuery") {
    sid
    friendlyName
    status
  }
`

export const callersQuery = () => graphql`
  query RoomsCallersQuery($sid: ConferenceSid!, $first: Int, $after: String, $last: Int, $before: String) {
    conference(sid: $sid) {
      ...Rooms_callers @arguments(first: $first, after: $after, last: $last, before: $before)
    }
  }
`

export const callers = () => graphql`
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
