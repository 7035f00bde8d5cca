/** A UTC timestamp such as `2019-01-31 23:59:59.999`. Alphabetical order is chronological order. */
export type Timestamp = string

export interface OrganizationRow {
  sid: string
  /** If blank, requests for the accounts of the organization fail with status 500, as in Restcomm. */
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
  /** Only `active` and `uninitialized` accounts can log in. */
  status: string
  /** The token in plain text, or the MD5 of the token in hexadecimal. */
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
  /** In seconds. */
  duration: number | null
  price: string | null
  direction: string
  answered_by: string | null
  api_version: string
  forwarded_from: string | null
  caller_name: string | null
  uri: string
  /** Path of the actor of the call. If the actor has ended, the path is null or contains `/dead/`. */
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
  /** In seconds, with a fraction. */
  duration: number
  api_version: string
  uri: string
  file_uri: string | null
}

/** All rows of a sandbox. The server ignores `labels` and `note`. */
export interface Rows {
  organizations: OrganizationRow[]
  accounts: AccountRow[]
  conferences: ConferenceRow[]
  calls: CallRow[]
  recordings?: RecordingRow[]
  labels?: unknown
  note?: string
}
