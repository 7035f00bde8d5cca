import { decodeCall } from '../../../../src/restcomm/resources/calls.ts'
import { decodeConference } from '../../../../src/restcomm/resources/conferences.ts'

const DATE = 'Tue, 31 May 2016 16:15:51 +0300'

export function sid(prefix: string, n = 0) {
  return prefix + n.toString(16).padStart(32, '0')
}

export function conference(n: number, status = 'COMPLETED', name = `Daily ${n}`) {
  return decodeConference(
    JSON.parse(
      JSON.stringify({
        sid: sid('CF', n),
        account_sid: sid('AC'),
        status,
        friendly_name: name,
        date_created: DATE,
        date_updated: DATE,
        api_version: '2012-04-24',
        uri: `/2012-04-24/Accounts/${sid('AC')}/Conferences/${sid('CF', n)}.json`,
      }),
    ),
  )
}

export function call(n: number, status = 'completed') {
  return decodeCall(
    JSON.parse(
      JSON.stringify({
        sid: sid('CA', n),
        account_sid: sid('AC'),
        parent_call_sid: sid('CA', n + 1),
        from: `+1555${n}`,
        to: `+1666${n}`,
        status,
        direction: 'inbound',
        duration: '12',
        date_created: DATE,
        date_updated: DATE,
        start_time: DATE,
        end_time: DATE,
        uri: `/2012-04-24/Accounts/${sid('AC')}/Calls/${sid('CA', n)}.json`,
      }),
    ),
  )
}
