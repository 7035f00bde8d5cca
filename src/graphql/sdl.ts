export { apiSdl, federationSdl } from './schema.ts'
