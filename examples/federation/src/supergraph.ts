import { composeServices as composeByApollo } from '@apollo/composition'
import { composeServices as composeByGuild } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { sendQuery } from './sendQuery.ts'

export type Composer = 'apollo' | 'guild'

/** Reads the SDL of each subgraph and composes the supergraph locally, as a schema registry would. */
export async function composeSupergraph(
  subgraphs: Readonly<Record<string, string>>,
  composer: Composer,
): Promise<string> {
  const services = await Promise.all(
    Object.entries(subgraphs).map(async ([name, url]) => {
      const { data } = await sendQuery(url, '{ _service { sdl } }')
      return { name, url, typeDefs: parse(data._service.sdl) }
    }),
  )
  const { supergraphSdl, errors } = composer === 'apollo' ? composeByApollo(services) : composeByGuild(services)
  if (!supergraphSdl) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  return supergraphSdl
}
