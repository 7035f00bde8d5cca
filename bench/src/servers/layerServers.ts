import { ceiling } from './referenceServers.ts'
import type { ServerDefinition } from './server.ts'

const LAYERS = {
  http: 'connections and timeouts',
  resilience: 'breakers, retries, connection queue, metrics',
  access: 'permissions, request deduplication',
  client: 'strict decoding, envelope checks',
} as const
export type Layer = keyof typeof LAYERS

/** Each server runs layeredCeiling.ts, which answers Q3 through the gateway's layers up to the layer of this name. */
export const layerServers: readonly ServerDefinition[] = (Object.keys(LAYERS) as Layer[]).map(layer => ({
  ...ceiling,
  name: `upTo-${layer}`,
  title: `… with ${LAYERS[layer]}`,
  workloads: ['Q3'],
  command: context => {
    const { command, args, env } = ceiling.command(context)
    const layeredArgs = args.map(file => file.replace('ceiling.ts', 'layeredCeiling.ts'))
    return { command, args: layeredArgs, env: { ...env, LAYER: layer } }
  },
}))
