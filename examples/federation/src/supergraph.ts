import { composeServices as composeByApollo } from '@apollo/composition'
import { composeServices as composeByGuild } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { ask } from './ask.ts'

export type Composer = 'apollo' | 'guild'

/** Asks each subgraph what it has, and composes them: what a registry would do. Nothing leaves this machine. */
export const composeSupergraph = async (
  subgraphs: Readonly<Record<string, string>>,
  composer: Composer,
): Promise<string> => {
  const services = await Promise.all(
    Object.entries(subgraphs).map(async ([name, url]) => {
      const { data } = await ask(url, '{ _service { sdl } }')
      return { name, url, typeDefs: parse(data._service.sdl) }
    }),
  )
  const { supergraphSdl, errors } = composer === 'apollo' ? composeByApollo(services) : composeByGuild(services)
  if (!supergraphSdl) throw new Error((errors ?? []).map(({ message }) => message).join('\n'))
  return supergraphSdl
}
