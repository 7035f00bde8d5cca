import {
  createOperationDescriptor,
  Environment,
  fetchQuery,
  type GraphQLResponse,
  type GraphQLTaggedNode,
  getPaginationMetadata,
  getPaginationVariables,
  getRefetchMetadata,
  getRequest,
  getSingularSelector,
  Network,
  type OperationType,
  type ReaderFragment,
  RecordSource,
  Store,
} from 'relay-runtime'

/** The network layer that every Relay application writes, over `fetch`. */
export const environmentOf = (url: string, authorization: string, request: typeof fetch = fetch): Environment =>
  new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(async ({ text: query }, variables) => {
      const response = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as GraphQLResponse
    }),
  })

/** Fetches a query and keeps what it brought in the store, as `useLazyLoadQuery` does. */
export const load = async <T extends OperationType>(
  environment: Environment,
  query: GraphQLTaggedNode,
  variables: T['variables'],
): Promise<T['response']> => {
  environment.retain(createOperationDescriptor(getRequest(query), variables))
  const response = await fetchQuery<T>(environment, query, variables).toPromise()
  if (response === undefined) throw new Error('There was no answer.')
  return response
}

/** What a component with this fragment would be shown, from the store alone. */
export const read = <Data>(environment: Environment, fragment: ReaderFragment, key: unknown): Data => {
  const { data, isMissingData } = environment.lookup(getSingularSelector(fragment, key))
  if (isMissingData) throw new Error(`The store lacks something of ${fragment.name}.`)
  return data as Data
}

/**
 * What `usePaginationFragment` gives a component, without React: the same metadata of the compiler's, the same variables
 * and the same pagination query.
 */
export const pagination = <Data>(environment: Environment, fragment: ReaderFragment, key: unknown) => {
  const { paginationRequest, paginationMetadata, identifierField } = getPaginationMetadata(fragment, 'test')
  const selector = getSingularSelector(fragment, key)
  const data = () => read<Data>(environment, fragment, key)
  const loadPage = async (direction: 'forward' | 'backward', count: number, cursor: string | null) => {
    const id = identifierField == null ? {} : { id: (data() as Readonly<Record<string, unknown>>)[identifierField] }
    const variables = { ...selector.owner.variables, ...selector.variables }
    await fetchQuery(
      environment,
      paginationRequest,
      { ...getPaginationVariables(direction, count, cursor, variables, {}, paginationMetadata), ...id },
      { networkCacheConfig: { force: true } },
    ).toPromise()
  }
  return { data, loadPage }
}

/** Runs the query that the compiler wrote for a `@refetchable` fragment on a `Node`. */
export const refetch = async (environment: Environment, fragment: ReaderFragment, id: string): Promise<void> => {
  const { refetchableRequest } = getRefetchMetadata(fragment, 'test')
  await fetchQuery(environment, refetchableRequest, { id }, { networkCacheConfig: { force: true } }).toPromise()
}
