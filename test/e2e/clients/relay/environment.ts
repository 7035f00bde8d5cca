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

/** A Relay environment with a network layer over `fetch`. */
export function createEnvironment(url: string, authorization: string, request: typeof fetch = fetch): Environment {
  return new Environment({
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
}

/** Fetches a query and retains the result in the store, as `useLazyLoadQuery` does. */
export async function load<T extends OperationType>(
  environment: Environment,
  query: GraphQLTaggedNode,
  variables: T['variables'],
): Promise<T['response']> {
  environment.retain(createOperationDescriptor(getRequest(query), variables))
  const response = await fetchQuery<T>(environment, query, variables).toPromise()
  if (response === undefined) throw new Error('The query returned no response.')
  return response
}

/** Reads the data of a fragment from the store, as `useFragment` does. */
export function read<Data>(environment: Environment, fragment: ReaderFragment, key: unknown): Data {
  const { data, isMissingData } = environment.lookup(getSingularSelector(fragment, key))
  if (isMissingData) throw new Error(`The store lacks fields of the fragment ${fragment.name}.`)
  return data as Data
}

/** `usePaginationFragment` without React: uses the compiler's metadata and pagination query. */
export function pagination<Data>(environment: Environment, fragment: ReaderFragment, key: unknown) {
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

/** Runs the generated query of a `@refetchable` fragment on a `Node` type. */
export async function refetch(environment: Environment, fragment: ReaderFragment, id: string): Promise<void> {
  const { refetchableRequest } = getRefetchMetadata(fragment, 'test')
  await fetchQuery(environment, refetchableRequest, { id }, { networkCacheConfig: { force: true } }).toPromise()
}
