/** A `GATEWAY_SECRET` for gateways with Redis. */
export const TEST_SECRET = 'a gateway secret of tests with 32 characters or more'
