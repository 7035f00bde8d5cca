import { ceiling } from './house.ts'
import type { ServerKind } from './server.ts'

/** Of this gateway's way to Restcomm, from the bottom up; each has those before it below itself. */
const LAYERS = {
  http: 'its connections and their time-outs',
  resilience: 'breakers, retries, a line for connections, metrics',
  access: 'permissions, equal requests as one',
  client: 'rows decoded strictly, envelopes judged',
} as const
export type Layer = keyof typeof LAYERS

/** The ceiling's plan of Q3 above so much of this gateway: what two of them differ by is what the upper layer costs. */
export const layers: readonly ServerKind[] = (Object.keys(LAYERS) as Layer[]).map(layer => ({
  ...ceiling,
  name: `upTo-${layer}`,
  title: `… with ${LAYERS[layer]}`,
  workloads: ['Q3'],
  command: where => {
    const { command, args, env } = ceiling.command(where)
    return { command, args: args.map(file => file.replace('ceiling', 'layers')), env: { ...env, LAYER: layer } }
  },
}))
