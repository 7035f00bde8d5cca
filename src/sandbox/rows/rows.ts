/** A timestamp as the rows hold it: `2019-01-31 23:59:59.999`, always UTC. Text order is time order. */
export type Timestamp = string

export interface OrganizationRow {
  sid: string
  /** Blank makes every request under an account of this organization a 500. */
  domain_name: string
  date_created: Timestamp
  date_updated: Timestamp
  status: string
}

export interface AccountRow {
  sid: string
  date_created: Timestamp
  date_updated: Timestamp
  email_address: string
  friendly_name: string
  parent_sid: string | null
  type: string
  /** `active` and `uninitialized` may log in; anything else is refused. */
  status: string
  /** The token itself, or its MD5 in hexadecimal. */
  auth_token: string
  role: string
  uri: string
  organization_sid: string | null
}

export interface ConferenceRow {
  sid: string
  date_created: Timestamp
  date_updated: Timestamp
  account_sid: string
  status: string
  friendly_name: string | null
  api_version: string
  uri: string
  master_ms_id: string | null
  master_present: boolean | null
}

export interface CallRow {
  sid: string
  parent_call_sid: string | null
  date_created: Timestamp
  date_updated: Timestamp
  account_sid: string
  sender: string
  recipient: string
  phone_number_sid: string | null
  status: string
  start_time: Timestamp | null
  end_time: Timestamp | null
  /** Seconds. */
  duration: number | null
  price: string | null
  direction: string
  answered_by: string | null
  api_version: string
  forwarded_from: string | null
  caller_name: string | null
  uri: string
  /** The live call behind the row. Null or containing `/dead/`: nobody answers there any more. */
  call_path: string | null
  ring_duration: number | null
  instanceid: string | null
  conference_sid: string | null
  muted: boolean | null
  start_conference_on_enter: boolean | null
  end_conference_on_exit: boolean | null
  on_hold: boolean | null
  ms_id: string | null
}

export interface RecordingRow {
  sid: string
  date_created: Timestamp
  date_updated: Timestamp
  account_sid: string
  call_sid: string
  /** Seconds, with a fraction. */
  duration: number
  api_version: string
  uri: string
  file_uri: string | null
}

/** Everything the sandbox answers from. `labels` and `note` are for readers and tests; the server ignores them. */
export interface Rows {
  organizations: OrganizationRow[]
  accounts: AccountRow[]
  conferences: ConferenceRow[]
  calls: CallRow[]
  recordings?: RecordingRow[]
  labels?: unknown
  note?: string
}
