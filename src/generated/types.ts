import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Account as AccountModel, Conference as ConferenceModel, Participant as ParticipantModel, Call as CallModel, Recording as RecordingModel } from '../model.ts';
import type { UserError as UserErrorModel } from '../commands/userErrors.ts';
import type { AccountSnapshot as AccountSnapshotEvent, ConferenceStarted as ConferenceStartedEvent, ConferenceEnded as ConferenceEndedEvent, ConferenceSnapshot as ConferenceSnapshotEvent, ConferenceChanged as ConferenceChangedEvent, ConferenceStatusChanged as ConferenceStatusChangedEvent, ParticipantJoined as ParticipantJoinedEvent, ParticipantLeft as ParticipantLeftEvent, ParticipantChanged as ParticipantChangedEvent } from '../live/events.ts';
import type { Connection } from '../relay/connection.ts';
import type { Context } from '../context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** SID of an account: `AC` followed by 32 letters or digits. Any other text is `BAD_USER_INPUT` and is not sent to Restcomm. */
  AccountSid: { input: string; output: string; }
  /** SID of a call: `CA` followed by 32 letters or digits, or the newer form: `ID` and 32 letters or digits, a hyphen, `CA` and 32 letters or digits. Any other text is `BAD_USER_INPUT` and is not sent to Restcomm. */
  CallSid: { input: string; output: string; }
  /** SID of a conference: `CF` followed by 32 letters or digits. Any other text is `BAD_USER_INPUT` and is not sent to Restcomm. */
  ConferenceSid: { input: string; output: string; }
  /** A calendar day as `YYYY-MM-DD`, in the time zone of the Restcomm server, so the day can differ from the UTC day of a `DateTime`. A day that does not exist is `BAD_USER_INPUT`. */
  Date: { input: string; output: string; }
  /**
   * A point in time in UTC. The only form is `YYYY-MM-DDTHH:MM:SSZ`, for example `2016-05-31T13:15:51Z`: 20 characters, in
   * whole seconds. Fractions of a second are cut, not rounded. JavaScript's `Date` and Swift's `ISO8601DateFormatter` with
   * default options can parse each value.
   */
  DateTime: { input: string; output: string; }
  /** SID of the object: two letters for the type and 32 letters or digits, or the longer form of a call. All types have the same scalar, so that a query can select `sid` of several types in one place. */
  Sid: { input: string; output: string; }
  _FieldSet: { input: unknown; output: unknown; }
};

/** A Restcomm account: the owner of conferences and calls, and the identity of an authenticated request. */
export type Account = Node & {
  readonly __typename?: 'Account';
  /** Conferences that the account owns, both running and ended. Conferences of sub-accounts are not included. */
  readonly conferences?: Maybe<ConferenceConnection>;
  /** Time of the account's creation. */
  readonly dateCreated?: Maybe<Scalars['DateTime']['output']>;
  /** Time of the last change to the account. */
  readonly dateUpdated?: Maybe<Scalars['DateTime']['output']>;
  /** Display name of the account; not unique. Null if Restcomm reports no name. */
  readonly friendlyName?: Maybe<Scalars['String']['output']>;
  /** Globally unique, opaque ID. Pass the ID to `Query.node` or `Query.nodes` to read the object again. */
  readonly id: Scalars['ID']['output'];
  /** Restcomm's identifier of the account. The SID is also the user name that belongs to the account's auth token. */
  readonly sid: Scalars['Sid']['output'];
  /** State of the account. Null if Restcomm reports no status. */
  readonly status?: Maybe<AccountStatus>;
  /** Kind of account as Restcomm writes the word: `Full` or `Trial`. Null if Restcomm reports no type. */
  readonly type?: Maybe<Scalars['String']['output']>;
  /** Path of the account in Restcomm's REST API, relative to the host of the Restcomm server. */
  readonly uri?: Maybe<Scalars['String']['output']>;
};


/** A Restcomm account: the owner of conferences and calls, and the identity of an authenticated request. */
export type AccountConferencesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConferenceFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ConferenceOrder>;
};

/** An event of the running conferences of an account. */
export type AccountEvent = AccountSnapshot | ConferenceChanged | ConferenceEnded | ConferenceStarted;

/** All running conferences of the account. Replace all earlier state with the snapshot. */
export type AccountSnapshot = {
  readonly __typename?: 'AccountSnapshot';
  /** The running conferences, in no particular order. Empty if no conference is running. */
  readonly runningConferences: ReadonlyArray<Maybe<Conference>>;
};

/** State of an account. The state decides whether Restcomm accepts the credentials of the account. */
export type AccountStatus =
  /** The account is in use. */
  | 'ACTIVE'
  /** The account is closed permanently. Restcomm rejects the account's credentials. */
  | 'CLOSED'
  /** The account is not activated. Restcomm rejects the account's credentials. */
  | 'INACTIVE'
  /** The parent account has suspended the account. Restcomm rejects the account's credentials until the account is resumed. */
  | 'SUSPENDED'
  /** The account is set up and not yet in use. Restcomm accepts the account's credentials. */
  | 'UNINITIALIZED'
  /** Restcomm reported a status unknown to the gateway. */
  | 'UNKNOWN';

/** A call leg: a call between Restcomm and a single party, in progress or ended. */
export type Call = Node & {
  readonly __typename?: 'Call';
  /** SID of the owner account. Restcomm needs the owner's SID to look a call up. */
  readonly accountSid: Scalars['AccountSid']['output'];
  /** Answering party as Restcomm recorded it. Null if Restcomm reports no answering party. */
  readonly answeredBy?: Maybe<Scalars['String']['output']>;
  /** Display name of the calling party. Null if the network sent no name. */
  readonly callerName?: Maybe<Scalars['String']['output']>;
  /** Time at which the call was placed. */
  readonly dateCreated?: Maybe<Scalars['DateTime']['output']>;
  /** Time of the last change to the call. */
  readonly dateUpdated?: Maybe<Scalars['DateTime']['output']>;
  /** Side that placed the call. */
  readonly direction?: Maybe<CallDirection>;
  /** Length of the call in seconds. Null while the call is in progress. */
  readonly duration?: Maybe<Scalars['Float']['output']>;
  /** Time at which the call ended. Null while the call is in progress. */
  readonly endTime?: Maybe<Scalars['DateTime']['output']>;
  /** Number of the forwarding party. Null if the network sent no forwarding number. */
  readonly forwardedFrom?: Maybe<Scalars['String']['output']>;
  /** Address of the calling party: a phone number, a client name or a SIP address. Null if Restcomm reports no address. */
  readonly from?: Maybe<Scalars['String']['output']>;
  /** Globally unique, opaque ID. Pass the ID to `Query.node` or `Query.nodes` to read the object again. */
  readonly id: Scalars['ID']['output'];
  /** SID of the parent call, which started the call, for example with `<Dial>`. Null if the call has no parent. */
  readonly parentCallSid?: Maybe<Scalars['CallSid']['output']>;
  /** Recordings of the call. Empty if the call was not recorded. */
  readonly recordings?: Maybe<ReadonlyArray<Maybe<Recording>>>;
  /** Time between ringing and answer in seconds. Null if Restcomm reports no ring time. */
  readonly ringDuration?: Maybe<Scalars['Int']['output']>;
  /** Restcomm's identifier of the call. */
  readonly sid: Scalars['Sid']['output'];
  /** Time at which the call was answered. Null if the call was not answered. */
  readonly startTime?: Maybe<Scalars['DateTime']['output']>;
  /** Progress of the call. `UNKNOWN` if the gateway does not know Restcomm's word; `statusText` has the word. */
  readonly status?: Maybe<CallStatus>;
  /** Restcomm's own word for the status, for example `in-progress`. Present for every `status`, `UNKNOWN` included. */
  readonly statusText?: Maybe<Scalars['String']['output']>;
  /** Address of the called party: a phone number, a client name or a SIP address. Null if Restcomm reports no address. */
  readonly to?: Maybe<Scalars['String']['output']>;
  /** Path of the call in Restcomm's REST API, relative to the host of the Restcomm server. */
  readonly uri?: Maybe<Scalars['String']['output']>;
};

/** A page of calls. */
export type CallConnection = {
  readonly __typename?: 'CallConnection';
  /** The calls of the page, each with a cursor. */
  readonly edges: ReadonlyArray<CallEdge>;
  /** The calls of the page without cursors. */
  readonly nodes: ReadonlyArray<Maybe<Call>>;
  /** Position of the page in the list. */
  readonly pageInfo: PageInfo;
  /** Number of calls in the whole list, ended calls included. The gateway requests the number only if `totalCount` is selected. */
  readonly totalCount?: Maybe<Scalars['Int']['output']>;
};

/** Side that placed a call. */
export type CallDirection =
  /** A remote party called Restcomm. */
  | 'INBOUND'
  /** The call was placed through Restcomm's REST API. */
  | 'OUTBOUND_API'
  /** The call was placed by a `<Dial>` in a parent call. */
  | 'OUTBOUND_DIAL'
  /** Restcomm reported a direction unknown to the gateway. */
  | 'UNKNOWN';

/** An entry of a list: a call and a cursor. */
export type CallEdge = {
  readonly __typename?: 'CallEdge';
  /** Position of the call in the list. Pass the cursor as `after` or `before` for the same list. The cursor stays valid when calls are added. */
  readonly cursor: Scalars['String']['output'];
  /** The call at the cursor's position. */
  readonly node?: Maybe<Call>;
};

/** Progress of a call. `COMPLETED`, `CANCELED`, `BUSY`, `FAILED`, `NO_ANSWER` and `NOT_FOUND` are final. */
export type CallStatus =
  /** The called party was busy. */
  | 'BUSY'
  /** The call was canceled before the answer. */
  | 'CANCELED'
  /** The call was connected and has ended. */
  | 'COMPLETED'
  /** The call could not be placed. */
  | 'FAILED'
  /** The call is connected. Only a connected call can be a participant of a conference. */
  | 'IN_PROGRESS'
  /** The called number or address does not exist. */
  | 'NOT_FOUND'
  /** The called party did not answer. */
  | 'NO_ANSWER'
  /** The call is waiting to be placed. */
  | 'QUEUED'
  /** The called party's phone is ringing. */
  | 'RINGING'
  /** Restcomm reported a status unknown to the gateway; `statusText` has Restcomm's word. */
  | 'UNKNOWN'
  /** The call is placed and waiting for the called party to answer. */
  | 'WAIT_FOR_ANSWER';

/** A conference room, from the first caller's arrival to the end. A room that opens again under the same name is a new conference with a new SID. */
export type Conference = Node & {
  readonly __typename?: 'Conference';
  /** Owner account of the conference. */
  readonly account?: Maybe<Account>;
  /** SID of the owner account. Restcomm needs the owner's SID to look a conference up. */
  readonly accountSid: Scalars['AccountSid']['output'];
  /** Version of the Restcomm API at the creation of the conference. */
  readonly apiVersion?: Maybe<Scalars['String']['output']>;
  /** All calls that were ever part of the conference, ended calls included, oldest first. */
  readonly calls?: Maybe<CallConnection>;
  /** Time at which the first caller arrived. */
  readonly dateCreated?: Maybe<Scalars['DateTime']['output']>;
  /** Time of the last status change. */
  readonly dateUpdated?: Maybe<Scalars['DateTime']['output']>;
  /** Name of the room as written in `<Conference>`; not unique. Null if the room has no name. */
  readonly friendlyName?: Maybe<Scalars['String']['output']>;
  /** Globally unique, opaque ID. Pass the ID to `Query.node` or `Query.nodes` to read the object again. */
  readonly id: Scalars['ID']['output'];
  /** True unless `status` is `COMPLETED` or `FAILED`. An ended conference never changes again. */
  readonly isRunning?: Maybe<Scalars['Boolean']['output']>;
  /** One participant, found by SID of the call. Null if the call is not in the conference now. */
  readonly participant?: Maybe<Participant>;
  /**
   * Callers that are connected to the conference now, sorted by the start time of their calls. Callers are
   * removed from the list when leaving, and an ended conference has no participants. A page continues after the cursor's call, so
   * callers who leave cause no gaps and no duplicates. A caller who joins between two pages on a call older than the
   * cursor can be missed.
   */
  readonly participants?: Maybe<ParticipantConnection>;
  /** Restcomm's identifier of the conference. */
  readonly sid: Scalars['Sid']['output'];
  /** Progress of the conference. `UNKNOWN` if the gateway does not know Restcomm's word; `statusText` has the word. */
  readonly status?: Maybe<ConferenceStatus>;
  /** Restcomm's own word for the status. Present for every `status`, `UNKNOWN` included. */
  readonly statusText?: Maybe<Scalars['String']['output']>;
  /** Path of the conference in Restcomm's REST API, relative to the host of the Restcomm server. */
  readonly uri?: Maybe<Scalars['String']['output']>;
};


/** A conference room, from the first caller's arrival to the end. A room that opens again under the same name is a new conference with a new SID. */
export type ConferenceCallsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** A conference room, from the first caller's arrival to the end. A room that opens again under the same name is a new conference with a new SID. */
export type ConferenceParticipantArgs = {
  callSid: Scalars['CallSid']['input'];
};


/** A conference room, from the first caller's arrival to the end. A room that opens again under the same name is a new conference with a new SID. */
export type ConferenceParticipantsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ParticipantFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

/** The status of a running conference of the account has changed. */
export type ConferenceChanged = {
  readonly __typename?: 'ConferenceChanged';
  /** The conference after the change. */
  readonly conference?: Maybe<Conference>;
  /** The status before the change. */
  readonly previousStatus?: Maybe<ConferenceStatus>;
};

/** A page of conferences. */
export type ConferenceConnection = {
  readonly __typename?: 'ConferenceConnection';
  /** The conferences of the page, each with a cursor. */
  readonly edges: ReadonlyArray<ConferenceEdge>;
  /** The conferences of the page without cursors. */
  readonly nodes: ReadonlyArray<Maybe<Conference>>;
  /** Position of the page in the list. */
  readonly pageInfo: PageInfo;
  /** Number of conferences in the whole filtered list. The gateway requests the number only if `totalCount` is selected. */
  readonly totalCount?: Maybe<Scalars['Int']['output']>;
};

/** An entry of a list: a conference and a cursor. */
export type ConferenceEdge = {
  readonly __typename?: 'ConferenceEdge';
  /** Position of the conference in the list. Pass the cursor as `after` or `before` for the same list. The cursor stays valid when conferences are added. */
  readonly cursor: Scalars['String']['output'];
  /** The conference at the cursor's position. */
  readonly node?: Maybe<Conference>;
};

/** A conference of the account has ended. */
export type ConferenceEnded = {
  readonly __typename?: 'ConferenceEnded';
  /** The conference with its final status. */
  readonly conference?: Maybe<Conference>;
};

/** An event of a conference. */
export type ConferenceEvent = ConferenceSnapshot | ConferenceStatusChanged | ParticipantChanged | ParticipantJoined | ParticipantLeft;

/** Conditions on conferences. A conference must meet every given condition. Restcomm applies the conditions, so a filter costs no extra requests, unless noted otherwise. */
export type ConferenceFilter = {
  /** Conferences of the given call. Only for Restcomm's cloud; `BAD_USER_INPUT` for Restcomm Connect. */
  readonly callSid?: InputMaybe<Scalars['CallSid']['input']>;
  /** Conferences created on the given day or later. */
  readonly createdOnOrAfter?: InputMaybe<Scalars['Date']['input']>;
  /** Conferences up to the given day. Only for Restcomm's cloud; `BAD_USER_INPUT` for Restcomm Connect. */
  readonly endTime?: InputMaybe<Scalars['Date']['input']>;
  /** Conferences with a matching name. `%` matches any text and `_` matches any single character; neither can be escaped. Case-sensitive, unless the database of the Restcomm server ignores case. At most 255 characters. */
  readonly friendlyName?: InputMaybe<Scalars['String']['input']>;
  /** Maximum length of the whole list; at least 1. Only for Restcomm's cloud; `BAD_USER_INPUT` for Restcomm Connect. */
  readonly limit?: InputMaybe<Scalars['Int']['input']>;
  /** Conferences from the given day on. Only for Restcomm's cloud; `BAD_USER_INPUT` for Restcomm Connect. */
  readonly startTime?: InputMaybe<Scalars['Date']['input']>;
  /** Conferences with exactly the given status. `UNKNOWN` is `BAD_USER_INPUT`. */
  readonly status?: InputMaybe<ConferenceStatus>;
  /**
   * Conferences last updated on the given day or earlier. Restcomm Connect fails on the condition, so for Connect the
   * gateway reads the list and compares the dates; a list beyond the limits of sorting is `LIST_TOO_LARGE`.
   */
  readonly updatedOnOrBefore?: InputMaybe<Scalars['Date']['input']>;
};

/**
 * Sort order of conferences. Restcomm cannot sort, so the gateway reads and sorts the whole filtered list. A list of more
 * than 5,000 rows, or lists of more than 25,000 rows in one query, are `LIST_TOO_LARGE`; the gateway's settings can
 * change both limits. Narrow the list with `filter`.
 */
export type ConferenceOrder = {
  /** Ascending or descending. */
  readonly direction: OrderDirection;
  /** Field to sort by. Conferences with equal values are sorted by SID. */
  readonly field: ConferenceOrderField;
};

/** Sort fields of conferences. */
export type ConferenceOrderField =
  /** Time of creation. */
  | 'DATE_CREATED'
  /** Time of the last update. */
  | 'DATE_UPDATED'
  /** Name, compared by character code: upper case sorts before lower case. Conferences without a name sort before all names. */
  | 'FRIENDLY_NAME';

/** The present state of the conference. Replace all earlier state with the snapshot. */
export type ConferenceSnapshot = {
  readonly __typename?: 'ConferenceSnapshot';
  /** The conference with all present participants. */
  readonly conference?: Maybe<Conference>;
};

/** A conference of the account has started. */
export type ConferenceStarted = {
  readonly __typename?: 'ConferenceStarted';
  /** The new conference. */
  readonly conference?: Maybe<Conference>;
};

/** Progress of a conference. `COMPLETED` and `FAILED` are final. */
export type ConferenceStatus =
  /** The conference has ended. Final. */
  | 'COMPLETED'
  /** The conference could not be held. Final. */
  | 'FAILED'
  /** Restcomm is setting the room up. */
  | 'RUNNING_INITIALIZING'
  /** Callers are waiting for a moderator: a participant with `startConferenceOnEnter`. */
  | 'RUNNING_MODERATOR_ABSENT'
  /** The conference is in progress. */
  | 'RUNNING_MODERATOR_PRESENT'
  /** Restcomm is closing the room. */
  | 'STOPPING'
  /** Restcomm reported a status unknown to the gateway; `statusText` has Restcomm's word. The conference counts as running. */
  | 'UNKNOWN';

/** The status of the conference has changed. */
export type ConferenceStatusChanged = {
  readonly __typename?: 'ConferenceStatusChanged';
  /** The conference after the change. */
  readonly conference?: Maybe<Conference>;
  /** The status before the change. */
  readonly previousStatus?: Maybe<ConferenceStatus>;
};

/** Input of `endConference`: the conference to end. */
export type EndConferenceInput = {
  /** The `id` of the conference. */
  readonly conferenceId: Scalars['ID']['input'];
};

/** Result of `endConference`. */
export type EndConferencePayload = {
  readonly __typename?: 'EndConferencePayload';
  /** The conference after the command, as Restcomm shows it; Restcomm may close the room a moment later. Null if the conference was not found. */
  readonly conference?: Maybe<Conference>;
  /** Calls ended by the command. */
  readonly hungUp: ReadonlyArray<Maybe<Call>>;
  /** The `id`s of the participants whose calls are in `hungUp`, in the same order. */
  readonly removedParticipantIds: ReadonlyArray<Scalars['ID']['output']>;
  /** An entry for each failed call, and for each call not yet shown as ended by Restcomm. Empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Input of `hangUpParticipant`: the participant whose call to end. */
export type HangUpParticipantInput = {
  /** The `id` of the participant. */
  readonly participantId: Scalars['ID']['input'];
};

/** Result of `hangUpParticipant`. */
export type HangUpParticipantPayload = {
  readonly __typename?: 'HangUpParticipantPayload';
  /** The call after the command, as Restcomm shows it. Null if the call was not found. */
  readonly call?: Maybe<Call>;
  /** The conference of the call. Null if the conference was not found. */
  readonly conference?: Maybe<Conference>;
  /** The `id` of the participant, if Restcomm shows that the call ended by the command; otherwise null, with an entry in `userErrors`. */
  readonly removedParticipantId?: Maybe<Scalars['ID']['output']>;
  /** Reasons why the command was not carried out, or why Restcomm does not show the effect yet. Empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/**
 * Commands for conferences. The gateway sends a command for a participant only after it has found the participant in the
 * conference with the request's own credentials. Problems for the user to understand and fix are in `userErrors`; all
 * further failures are errors. A command is never sent twice.
 */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Hangs up all participants who are in the conference now, which ends the conference. */
  readonly endConference?: Maybe<EndConferencePayload>;
  /** Ends a participant's call, which removes the participant from the conference. */
  readonly hangUpParticipant?: Maybe<HangUpParticipantPayload>;
  /** Mutes all participants who are in the conference now, except the participants in `except`. Callers who join later are not muted. */
  readonly muteConference?: Maybe<MuteConferencePayload>;
  /** Mutes a participant: the other participants no longer hear the caller. */
  readonly muteParticipant?: Maybe<MuteParticipantPayload>;
  /** Unmutes a participant: the other participants hear the caller again. */
  readonly unmuteParticipant?: Maybe<UnmuteParticipantPayload>;
};


/**
 * Commands for conferences. The gateway sends a command for a participant only after it has found the participant in the
 * conference with the request's own credentials. Problems for the user to understand and fix are in `userErrors`; all
 * further failures are errors. A command is never sent twice.
 */
export type MutationEndConferenceArgs = {
  input: EndConferenceInput;
};


/**
 * Commands for conferences. The gateway sends a command for a participant only after it has found the participant in the
 * conference with the request's own credentials. Problems for the user to understand and fix are in `userErrors`; all
 * further failures are errors. A command is never sent twice.
 */
export type MutationHangUpParticipantArgs = {
  input: HangUpParticipantInput;
};


/**
 * Commands for conferences. The gateway sends a command for a participant only after it has found the participant in the
 * conference with the request's own credentials. Problems for the user to understand and fix are in `userErrors`; all
 * further failures are errors. A command is never sent twice.
 */
export type MutationMuteConferenceArgs = {
  input: MuteConferenceInput;
};


/**
 * Commands for conferences. The gateway sends a command for a participant only after it has found the participant in the
 * conference with the request's own credentials. Problems for the user to understand and fix are in `userErrors`; all
 * further failures are errors. A command is never sent twice.
 */
export type MutationMuteParticipantArgs = {
  input: MuteParticipantInput;
};


/**
 * Commands for conferences. The gateway sends a command for a participant only after it has found the participant in the
 * conference with the request's own credentials. Problems for the user to understand and fix are in `userErrors`; all
 * further failures are errors. A command is never sent twice.
 */
export type MutationUnmuteParticipantArgs = {
  input: UnmuteParticipantInput;
};

/** Input of `muteConference`: the conference to mute. */
export type MuteConferenceInput = {
  /** The `id` of the conference. */
  readonly conferenceId: Scalars['ID']['input'];
  /** The `id`s of participants to leave unchanged. Participants who have left are ignored; a participant of a different conference is `BAD_USER_INPUT`. Default: none. */
  readonly except?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
};

/** Result of `muteConference`. */
export type MuteConferencePayload = {
  readonly __typename?: 'MuteConferencePayload';
  /** The conference after the command. Null if the conference was not found. */
  readonly conference?: Maybe<Conference>;
  /** Targets of the command now shown as muted by Restcomm. */
  readonly mutedParticipants: ReadonlyArray<Maybe<Participant>>;
  /** An entry for each failed participant, and for each participant not yet shown as muted by Restcomm. Empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Input of `muteParticipant`: the participant to mute. */
export type MuteParticipantInput = {
  /** The `id` of the participant. */
  readonly participantId: Scalars['ID']['input'];
};

/** Result of `muteParticipant`. */
export type MuteParticipantPayload = {
  readonly __typename?: 'MuteParticipantPayload';
  /** The participant after the command, as Restcomm shows it. Null if the caller is not in the conference, or has left. */
  readonly participant?: Maybe<Participant>;
  /** Reasons why the command was not carried out, or why Restcomm does not show the effect yet. Empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** An object with a globally unique ID. A client can store the `id` and pass it to `Query.node` later, with the same credentials. */
export type Node = {
  /** Opaque ID, unique across all types. The ID does not change during the lifetime of the object. */
  readonly id: Scalars['ID']['output'];
};

/** Direction of a sort order. */
export type OrderDirection =
  /** Ascending: oldest first, or A before Z. */
  | 'ASC'
  /** Descending: newest first, or Z before A. */
  | 'DESC';

/** Position of a page in its list. `hasNextPage` and `hasPreviousPage` are both exact for forward and for backward paging. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** Cursor of the last edge. Pass the cursor as `after` to read the next page. Null on an empty page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  /** True if the list has edges after the last edge of the page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** True if the list has edges before the first edge of the page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first edge. Pass the cursor as `before` to read the previous page. Null on an empty page. */
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** A caller in a running conference: one call, seen from the conference. */
export type Participant = Node & {
  readonly __typename?: 'Participant';
  /** SID of the owner account of the participant's call. */
  readonly accountSid: Scalars['AccountSid']['output'];
  /** The participant's call, with phone numbers, direction and duration. Null if Restcomm no longer has the call. */
  readonly call?: Maybe<Call>;
  /** SID of the participant's call. Participants have no other identifier in Restcomm. */
  readonly callSid: Scalars['CallSid']['output'];
  /** The caller's conference. */
  readonly conference?: Maybe<Conference>;
  /** SID of the caller's conference. */
  readonly conferenceSid: Scalars['ConferenceSid']['output'];
  /** Start time of the call. */
  readonly dateCreated?: Maybe<Scalars['DateTime']['output']>;
  /** Time of the last change to the call. */
  readonly dateUpdated?: Maybe<Scalars['DateTime']['output']>;
  /** True if the conference ends when the caller leaves. Null if Restcomm does not report the flag. */
  readonly endConferenceOnExit?: Maybe<Scalars['Boolean']['output']>;
  /** True if the caller is on hold. Null if Restcomm does not report the flag. */
  readonly hold?: Maybe<Scalars['Boolean']['output']>;
  /** Globally unique, opaque ID. Pass the ID to `Query.node` to read the participant again; the result is null after the caller has left. */
  readonly id: Scalars['ID']['output'];
  /** True if the other participants cannot hear the caller. Null if Restcomm does not report the flag. */
  readonly muted?: Maybe<Scalars['Boolean']['output']>;
  /** True if the conference starts when the caller enters. Null if Restcomm does not report the flag. */
  readonly startConferenceOnEnter?: Maybe<Scalars['Boolean']['output']>;
  /** Path of the call in Restcomm's REST API, relative to the host of the Restcomm server. */
  readonly uri?: Maybe<Scalars['String']['output']>;
};

/** A flag of a participant has changed, for example `muted` or `hold`. */
export type ParticipantChanged = {
  readonly __typename?: 'ParticipantChanged';
  /** The flags that changed. */
  readonly changed: ReadonlyArray<ParticipantFlag>;
  /** The conference after the change. */
  readonly conference?: Maybe<Conference>;
  /** The participant after the change. */
  readonly participant?: Maybe<Participant>;
};

/** A page of participants. */
export type ParticipantConnection = {
  readonly __typename?: 'ParticipantConnection';
  /** The participants of the page, each with a cursor. */
  readonly edges: ReadonlyArray<ParticipantEdge>;
  /** The participants of the page without cursors. */
  readonly nodes: ReadonlyArray<Maybe<Participant>>;
  /** Position of the page in the list. */
  readonly pageInfo: PageInfo;
  /** Number of participants in the conference after filtering. */
  readonly totalCount?: Maybe<Scalars['Int']['output']>;
};

/** An entry of a list: a participant and a cursor. */
export type ParticipantEdge = {
  readonly __typename?: 'ParticipantEdge';
  /** Position of the participant in the list. Pass the cursor as `after` or `before` for the same list. The cursor stays valid when the participant, or any other caller, leaves. */
  readonly cursor: Scalars['String']['output'];
  /** The participant at the cursor's position. */
  readonly node?: Maybe<Participant>;
};

/** Conditions on participants. A participant must meet every given condition. The filter is applied before paging, and `totalCount` counts filtered participants. */
export type ParticipantFilter = {
  /** Participants with exactly the given `hold` value. A participant whose `hold` is null without an error meets neither value; a participant whose `hold` has an error meets both. */
  readonly hold?: InputMaybe<Scalars['Boolean']['input']>;
  /** Participants with exactly the given `muted` value. A participant whose `muted` is null without an error meets neither value; a participant whose `muted` has an error meets both. */
  readonly muted?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Changeable flag of a participant. */
export type ParticipantFlag =
  /** `Participant.endConferenceOnExit` changed. */
  | 'END_CONFERENCE_ON_EXIT'
  /** `Participant.hold` changed. */
  | 'HOLD'
  /** `Participant.muted` changed. */
  | 'MUTED'
  /** `Participant.startConferenceOnEnter` changed. */
  | 'START_CONFERENCE_ON_ENTER';

/** A caller has joined the conference. */
export type ParticipantJoined = {
  readonly __typename?: 'ParticipantJoined';
  /** The conference after the change. */
  readonly conference?: Maybe<Conference>;
  /** The caller who joined. */
  readonly participant?: Maybe<Participant>;
};

/** A caller has left the conference. */
export type ParticipantLeft = {
  readonly __typename?: 'ParticipantLeft';
  /** The conference after the change. */
  readonly conference?: Maybe<Conference>;
  /** Last known state of the caller before leaving. */
  readonly participant?: Maybe<Participant>;
};

/** Read access to accounts, conferences, participants, calls and recordings. Results contain only data visible to the credentials of the request. */
export type Query = {
  readonly __typename?: 'Query';
  /** One account by SID: the viewer's account or a sub-account. Null if no account has the SID. */
  readonly account?: Maybe<Account>;
  /** One conference by SID, running or ended. Null if the account has no conference with the SID. */
  readonly conference?: Maybe<Conference>;
  /** Conferences of an account, running and ended. */
  readonly conferences?: Maybe<ConferenceConnection>;
  /** Any object by its global `id`. Null if the object does not exist, or if a participant has left the conference. */
  readonly node?: Maybe<Node>;
  /** Several objects by their global `id`s, in the order of the given `id`s. The element of a missing object is null. */
  readonly nodes: ReadonlyArray<Maybe<Node>>;
  /** The account of the request's credentials. */
  readonly viewer?: Maybe<Account>;
};


/** Read access to accounts, conferences, participants, calls and recordings. Results contain only data visible to the credentials of the request. */
export type QueryAccountArgs = {
  sid: Scalars['AccountSid']['input'];
};


/** Read access to accounts, conferences, participants, calls and recordings. Results contain only data visible to the credentials of the request. */
export type QueryConferenceArgs = {
  accountSid?: InputMaybe<Scalars['AccountSid']['input']>;
  sid: Scalars['ConferenceSid']['input'];
};


/** Read access to accounts, conferences, participants, calls and recordings. Results contain only data visible to the credentials of the request. */
export type QueryConferencesArgs = {
  accountSid?: InputMaybe<Scalars['AccountSid']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConferenceFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ConferenceOrder>;
};


/** Read access to accounts, conferences, participants, calls and recordings. Results contain only data visible to the credentials of the request. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** Read access to accounts, conferences, participants, calls and recordings. Results contain only data visible to the credentials of the request. */
export type QueryNodesArgs = {
  ids: ReadonlyArray<Scalars['ID']['input']>;
};

/** A sound recording of a call. */
export type Recording = Node & {
  readonly __typename?: 'Recording';
  /** SID of the owner account. */
  readonly accountSid: Scalars['AccountSid']['output'];
  /** SID of the recorded call. */
  readonly callSid: Scalars['CallSid']['output'];
  /** Time at which the recording was made. */
  readonly dateCreated?: Maybe<Scalars['DateTime']['output']>;
  /** Time of the last change to the recording. */
  readonly dateUpdated?: Maybe<Scalars['DateTime']['output']>;
  /** Length of the recording in seconds. Null if Restcomm reports no length. */
  readonly duration?: Maybe<Scalars['Float']['output']>;
  /** Address of the sound file as Restcomm reports the address. Downloading the file requires the account's credentials. Null if Restcomm reports no address. */
  readonly fileUri?: Maybe<Scalars['String']['output']>;
  /** Globally unique, opaque ID. Pass the ID to `Query.node` or `Query.nodes` to read the object again. */
  readonly id: Scalars['ID']['output'];
  /** Restcomm's identifier of the recording. */
  readonly sid: Scalars['Sid']['output'];
  /** Path of the recording in Restcomm's REST API, relative to the host of the Restcomm server. */
  readonly uri?: Maybe<Scalars['String']['output']>;
};

/**
 * Live updates. Restcomm cannot push events, so the gateway polls Restcomm every few seconds and sends the changes.
 * Subscribers of the same conference with the same credentials share one poll loop.
 */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /**
   * Events of the running conferences of an account. The first event is an `AccountSnapshot`; applying the later events
   * in order keeps a client's list of running conferences up to date. Slow or reconnecting clients receive a new snapshot.
   * A conference that starts and ends between two polls causes no event.
   */
  readonly accountEvents?: Maybe<AccountEvent>;
  /**
   * Events of one conference. The first event is a `ConferenceSnapshot`; applying the later events in order keeps a
   * client's copy of the conference up to date. Slow or reconnecting clients receive a new snapshot.
   * The stream completes when the conference ends. The `id` of a missing conference is `BAD_USER_INPUT`.
   */
  readonly conferenceEvents?: Maybe<ConferenceEvent>;
};


/**
 * Live updates. Restcomm cannot push events, so the gateway polls Restcomm every few seconds and sends the changes.
 * Subscribers of the same conference with the same credentials share one poll loop.
 */
export type SubscriptionAccountEventsArgs = {
  accountSid?: InputMaybe<Scalars['AccountSid']['input']>;
};


/**
 * Live updates. Restcomm cannot push events, so the gateway polls Restcomm every few seconds and sends the changes.
 * Subscribers of the same conference with the same credentials share one poll loop.
 */
export type SubscriptionConferenceEventsArgs = {
  conferenceId: Scalars['ID']['input'];
};

/** Input of `unmuteParticipant`: the participant to unmute. */
export type UnmuteParticipantInput = {
  /** The `id` of the participant. */
  readonly participantId: Scalars['ID']['input'];
};

/** Result of `unmuteParticipant`. */
export type UnmuteParticipantPayload = {
  readonly __typename?: 'UnmuteParticipantPayload';
  /** The participant after the command, as Restcomm shows it. Null if the caller is not in the conference, or has left. */
  readonly participant?: Maybe<Participant>;
  /** Reasons why the command was not carried out, or why Restcomm does not show the effect yet. Empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A reason why a command was not carried out, written for the user of the application. */
export type UserError = {
  readonly __typename?: 'UserError';
  /** Machine-readable reason. */
  readonly code: UserErrorCode;
  /** Path of the wrong argument, outermost name first, for example `input`, `participantId`. Null if no argument is wrong. */
  readonly field?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Human-readable explanation in English. */
  readonly message: Scalars['String']['output'];
  /** The `id` of the affected participant. Null if the error concerns the conference, or a participant that the gateway cannot identify. */
  readonly participantId?: Maybe<Scalars['ID']['output']>;
};

/** Machine-readable reason why a command was not carried out. */
export type UserErrorCode =
  /** The call ended before the command could take effect. */
  | 'CALL_ENDED'
  /** The account has no conference with the given identifier. */
  | 'CONFERENCE_NOT_FOUND'
  /** The conference has ended. */
  | 'NOT_IN_PROGRESS'
  /** The call is not a participant of the conference now. */
  | 'PARTICIPANT_NOT_FOUND'
  /**
   * Restcomm did not carry out the command: Restcomm rejected the command or failed for the participant, or the gateway could
   * not identify a participant in the response of Restcomm. Also used if Restcomm accepted the command and did not show
   * the effect in time; the effect may still follow, and `message` explains which case applies.
   */
  | 'REFUSED';



export type ResolverTypeWrapper<T> = Promise<T | Error> | T | Error;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Account: Account;
  Call: Call;
  Conference: Conference;
  Participant: Participant;
  Recording: Recording;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Account:
    ( { __typename: 'Account' }
    & ( GraphQLRecursivePick<FederationTypes['Account'], {"id":true}>
        | GraphQLRecursivePick<FederationTypes['Account'], {"sid":true}> ) );
  Call:
    ( { __typename: 'Call' }
    & ( GraphQLRecursivePick<FederationTypes['Call'], {"id":true}>
        | GraphQLRecursivePick<FederationTypes['Call'], {"accountSid":true,"sid":true}> ) );
  Conference:
    ( { __typename: 'Conference' }
    & ( GraphQLRecursivePick<FederationTypes['Conference'], {"id":true}>
        | GraphQLRecursivePick<FederationTypes['Conference'], {"accountSid":true,"sid":true}> ) );
  Participant:
    ( { __typename: 'Participant' }
    & ( GraphQLRecursivePick<FederationTypes['Participant'], {"id":true}>
        | GraphQLRecursivePick<FederationTypes['Participant'], {"accountSid":true,"conferenceSid":true,"callSid":true}> ) );
  Recording:
    ( { __typename: 'Recording' }
    & GraphQLRecursivePick<FederationTypes['Recording'], {"id":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  AccountEvent:
    | ( AccountSnapshotEvent )
    | ( ConferenceChangedEvent )
    | ( ConferenceEndedEvent )
    | ( ConferenceStartedEvent )
  ;
  ConferenceEvent:
    | ( ConferenceSnapshotEvent )
    | ( ConferenceStatusChangedEvent )
    | ( ParticipantChangedEvent )
    | ( ParticipantJoinedEvent )
    | ( ParticipantLeftEvent )
  ;
};

/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( AccountModel )
    | ( CallModel )
    | ( ConferenceModel )
    | ( ParticipantModel )
    | ( RecordingModel )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Account: ResolverTypeWrapper<AccountModel>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  AccountEvent: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['AccountEvent']>;
  AccountSid: ResolverTypeWrapper<Scalars['AccountSid']['output']>;
  AccountSnapshot: ResolverTypeWrapper<AccountSnapshotEvent>;
  AccountStatus: AccountStatus;
  Call: ResolverTypeWrapper<CallModel>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  CallConnection: ResolverTypeWrapper<Connection<CallModel | Error>>;
  CallDirection: CallDirection;
  CallEdge: ResolverTypeWrapper<Omit<CallEdge, 'node'> & { node: ResolversTypes['Call'] }>;
  CallSid: ResolverTypeWrapper<Scalars['CallSid']['output']>;
  CallStatus: CallStatus;
  Conference: ResolverTypeWrapper<ConferenceModel>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ConferenceChanged: ResolverTypeWrapper<ConferenceChangedEvent>;
  ConferenceConnection: ResolverTypeWrapper<Connection<ConferenceModel | Error>>;
  ConferenceEdge: ResolverTypeWrapper<Omit<ConferenceEdge, 'node'> & { node: ResolversTypes['Conference'] }>;
  ConferenceEnded: ResolverTypeWrapper<ConferenceEndedEvent>;
  ConferenceEvent: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['ConferenceEvent']>;
  ConferenceFilter: ConferenceFilter;
  ConferenceOrder: ConferenceOrder;
  ConferenceOrderField: ConferenceOrderField;
  ConferenceSid: ResolverTypeWrapper<Scalars['ConferenceSid']['output']>;
  ConferenceSnapshot: ResolverTypeWrapper<ConferenceSnapshotEvent>;
  ConferenceStarted: ResolverTypeWrapper<ConferenceStartedEvent>;
  ConferenceStatus: ConferenceStatus;
  ConferenceStatusChanged: ResolverTypeWrapper<ConferenceStatusChangedEvent>;
  Date: ResolverTypeWrapper<Scalars['Date']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  EndConferenceInput: EndConferenceInput;
  EndConferencePayload: ResolverTypeWrapper<Omit<EndConferencePayload, 'conference' | 'hungUp' | 'userErrors'> & { conference?: Maybe<ResolversTypes['Conference']>, hungUp: ReadonlyArray<ResolversTypes['Call']>, userErrors: ReadonlyArray<ResolversTypes['UserError']> }>;
  HangUpParticipantInput: HangUpParticipantInput;
  HangUpParticipantPayload: ResolverTypeWrapper<Omit<HangUpParticipantPayload, 'call' | 'conference' | 'userErrors'> & { call?: Maybe<ResolversTypes['Call']>, conference?: Maybe<ResolversTypes['Conference']>, userErrors: ReadonlyArray<ResolversTypes['UserError']> }>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  MuteConferenceInput: MuteConferenceInput;
  MuteConferencePayload: ResolverTypeWrapper<Omit<MuteConferencePayload, 'conference' | 'mutedParticipants' | 'userErrors'> & { conference?: Maybe<ResolversTypes['Conference']>, mutedParticipants: ReadonlyArray<ResolversTypes['Participant']>, userErrors: ReadonlyArray<ResolversTypes['UserError']> }>;
  MuteParticipantInput: MuteParticipantInput;
  MuteParticipantPayload: ResolverTypeWrapper<Omit<MuteParticipantPayload, 'participant' | 'userErrors'> & { participant?: Maybe<ResolversTypes['Participant']>, userErrors: ReadonlyArray<ResolversTypes['UserError']> }>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  OrderDirection: OrderDirection;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Participant: ResolverTypeWrapper<ParticipantModel>;
  ParticipantChanged: ResolverTypeWrapper<ParticipantChangedEvent>;
  ParticipantConnection: ResolverTypeWrapper<Connection<ParticipantModel | Error>>;
  ParticipantEdge: ResolverTypeWrapper<Omit<ParticipantEdge, 'node'> & { node: ResolversTypes['Participant'] }>;
  ParticipantFilter: ParticipantFilter;
  ParticipantFlag: ParticipantFlag;
  ParticipantJoined: ResolverTypeWrapper<ParticipantJoinedEvent>;
  ParticipantLeft: ResolverTypeWrapper<ParticipantLeftEvent>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Recording: ResolverTypeWrapper<RecordingModel>;
  Sid: ResolverTypeWrapper<Scalars['Sid']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UnmuteParticipantInput: UnmuteParticipantInput;
  UnmuteParticipantPayload: ResolverTypeWrapper<Omit<UnmuteParticipantPayload, 'participant' | 'userErrors'> & { participant?: Maybe<ResolversTypes['Participant']>, userErrors: ReadonlyArray<ResolversTypes['UserError']> }>;
  UserError: ResolverTypeWrapper<UserErrorModel>;
  UserErrorCode: UserErrorCode;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Account: AccountModel;
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  AccountEvent: ResolversUnionTypes<ResolversParentTypes>['AccountEvent'];
  AccountSid: Scalars['AccountSid']['output'];
  AccountSnapshot: AccountSnapshotEvent;
  Call: CallModel;
  Float: Scalars['Float']['output'];
  CallConnection: Connection<CallModel | Error>;
  CallEdge: Omit<CallEdge, 'node'> & { node: ResolversParentTypes['Call'] };
  CallSid: Scalars['CallSid']['output'];
  Conference: ConferenceModel;
  Boolean: Scalars['Boolean']['output'];
  ConferenceChanged: ConferenceChangedEvent;
  ConferenceConnection: Connection<ConferenceModel | Error>;
  ConferenceEdge: Omit<ConferenceEdge, 'node'> & { node: ResolversParentTypes['Conference'] };
  ConferenceEnded: ConferenceEndedEvent;
  ConferenceEvent: ResolversUnionTypes<ResolversParentTypes>['ConferenceEvent'];
  ConferenceFilter: ConferenceFilter;
  ConferenceOrder: ConferenceOrder;
  ConferenceSid: Scalars['ConferenceSid']['output'];
  ConferenceSnapshot: ConferenceSnapshotEvent;
  ConferenceStarted: ConferenceStartedEvent;
  ConferenceStatusChanged: ConferenceStatusChangedEvent;
  Date: Scalars['Date']['output'];
  DateTime: Scalars['DateTime']['output'];
  EndConferenceInput: EndConferenceInput;
  EndConferencePayload: Omit<EndConferencePayload, 'conference' | 'hungUp' | 'userErrors'> & { conference?: Maybe<ResolversParentTypes['Conference']>, hungUp: ReadonlyArray<ResolversParentTypes['Call']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  HangUpParticipantInput: HangUpParticipantInput;
  HangUpParticipantPayload: Omit<HangUpParticipantPayload, 'call' | 'conference' | 'userErrors'> & { call?: Maybe<ResolversParentTypes['Call']>, conference?: Maybe<ResolversParentTypes['Conference']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  Mutation: Record<PropertyKey, never>;
  MuteConferenceInput: MuteConferenceInput;
  MuteConferencePayload: Omit<MuteConferencePayload, 'conference' | 'mutedParticipants' | 'userErrors'> & { conference?: Maybe<ResolversParentTypes['Conference']>, mutedParticipants: ReadonlyArray<ResolversParentTypes['Participant']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  MuteParticipantInput: MuteParticipantInput;
  MuteParticipantPayload: Omit<MuteParticipantPayload, 'participant' | 'userErrors'> & { participant?: Maybe<ResolversParentTypes['Participant']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  PageInfo: PageInfo;
  Participant: ParticipantModel;
  ParticipantChanged: ParticipantChangedEvent;
  ParticipantConnection: Connection<ParticipantModel | Error>;
  ParticipantEdge: Omit<ParticipantEdge, 'node'> & { node: ResolversParentTypes['Participant'] };
  ParticipantFilter: ParticipantFilter;
  ParticipantJoined: ParticipantJoinedEvent;
  ParticipantLeft: ParticipantLeftEvent;
  Query: Record<PropertyKey, never>;
  Recording: RecordingModel;
  Sid: Scalars['Sid']['output'];
  Subscription: Record<PropertyKey, never>;
  UnmuteParticipantInput: UnmuteParticipantInput;
  UnmuteParticipantPayload: Omit<UnmuteParticipantPayload, 'participant' | 'userErrors'> & { participant?: Maybe<ResolversParentTypes['Participant']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  UserError: UserErrorModel;
  Int: Scalars['Int']['output'];
};

export type AccountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Account'] = ResolversParentTypes['Account'], FederationReferenceType extends FederationReferenceTypes['Account'] = FederationReferenceTypes['Account']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Account']> | FederationReferenceType, FederationReferenceType, ContextType>;
  conferences?: Resolver<ResolversTypes['ConferenceConnection'], ParentType, ContextType, Partial<AccountConferencesArgs>>;
  dateCreated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dateUpdated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  friendlyName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sid?: Resolver<ResolversTypes['Sid'], ParentType, ContextType>;
  status?: Resolver<Maybe<ResolversTypes['AccountStatus']>, ParentType, ContextType>;
  type?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type AccountEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AccountEvent'] = ResolversParentTypes['AccountEvent']> = {
  __resolveType: TypeResolveFn<'AccountSnapshot' | 'ConferenceChanged' | 'ConferenceEnded' | 'ConferenceStarted', ParentType, ContextType>;
};

export interface AccountSidScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['AccountSid'], any> {
  name: 'AccountSid';
}

export type AccountSnapshotResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AccountSnapshot'] = ResolversParentTypes['AccountSnapshot']> = {
  runningConferences?: Resolver<ReadonlyArray<ResolversTypes['Conference']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CallResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Call'] = ResolversParentTypes['Call'], FederationReferenceType extends FederationReferenceTypes['Call'] = FederationReferenceTypes['Call']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Call']> | FederationReferenceType, FederationReferenceType, ContextType>;
  accountSid?: Resolver<ResolversTypes['AccountSid'], ParentType, ContextType>;
  answeredBy?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  callerName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  dateCreated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dateUpdated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  direction?: Resolver<ResolversTypes['CallDirection'], ParentType, ContextType>;
  duration?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  endTime?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  forwardedFrom?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  from?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  parentCallSid?: Resolver<Maybe<ResolversTypes['CallSid']>, ParentType, ContextType>;
  recordings?: Resolver<ReadonlyArray<ResolversTypes['Recording']>, ParentType, ContextType>;
  ringDuration?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  sid?: Resolver<ResolversTypes['Sid'], ParentType, ContextType>;
  startTime?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CallStatus'], ParentType, ContextType>;
  statusText?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  to?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CallConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CallConnection'] = ResolversParentTypes['CallConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['CallEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Call']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CallEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CallEdge'] = ResolversParentTypes['CallEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Call'], ParentType, ContextType>;
};

export interface CallSidScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['CallSid'], any> {
  name: 'CallSid';
}

export type ConferenceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Conference'] = ResolversParentTypes['Conference'], FederationReferenceType extends FederationReferenceTypes['Conference'] = FederationReferenceTypes['Conference']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Conference']> | FederationReferenceType, FederationReferenceType, ContextType>;
  account?: Resolver<ResolversTypes['Account'], ParentType, ContextType>;
  accountSid?: Resolver<ResolversTypes['AccountSid'], ParentType, ContextType>;
  apiVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['CallConnection'], ParentType, ContextType, Partial<ConferenceCallsArgs>>;
  dateCreated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dateUpdated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  friendlyName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  isRunning?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  participant?: Resolver<Maybe<ResolversTypes['Participant']>, ParentType, ContextType, RequireFields<ConferenceParticipantArgs, 'callSid'>>;
  participants?: Resolver<ResolversTypes['ParticipantConnection'], ParentType, ContextType, Partial<ConferenceParticipantsArgs>>;
  sid?: Resolver<ResolversTypes['Sid'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['ConferenceStatus'], ParentType, ContextType>;
  statusText?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ConferenceChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConferenceChanged'] = ResolversParentTypes['ConferenceChanged']> = {
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  previousStatus?: Resolver<ResolversTypes['ConferenceStatus'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ConferenceConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConferenceConnection'] = ResolversParentTypes['ConferenceConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ConferenceEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Conference']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ConferenceEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConferenceEdge'] = ResolversParentTypes['ConferenceEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
};

export type ConferenceEndedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConferenceEnded'] = ResolversParentTypes['ConferenceEnded']> = {
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ConferenceEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConferenceEvent'] = ResolversParentTypes['ConferenceEvent']> = {
  __resolveType: TypeResolveFn<'ConferenceSnapshot' | 'ConferenceStatusChanged' | 'ParticipantChanged' | 'ParticipantJoined' | 'ParticipantLeft', ParentType, ContextType>;
};

export interface ConferenceSidScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['ConferenceSid'], any> {
  name: 'ConferenceSid';
}

export type ConferenceSnapshotResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConferenceSnapshot'] = ResolversParentTypes['ConferenceSnapshot']> = {
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ConferenceStartedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConferenceStarted'] = ResolversParentTypes['ConferenceStarted']> = {
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ConferenceStatusChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConferenceStatusChanged'] = ResolversParentTypes['ConferenceStatusChanged']> = {
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  previousStatus?: Resolver<ResolversTypes['ConferenceStatus'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface DateScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Date'], any> {
  name: 'Date';
}

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type EndConferencePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EndConferencePayload'] = ResolversParentTypes['EndConferencePayload']> = {
  conference?: Resolver<Maybe<ResolversTypes['Conference']>, ParentType, ContextType>;
  hungUp?: Resolver<ReadonlyArray<ResolversTypes['Call']>, ParentType, ContextType>;
  removedParticipantIds?: Resolver<ReadonlyArray<ResolversTypes['ID']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type HangUpParticipantPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HangUpParticipantPayload'] = ResolversParentTypes['HangUpParticipantPayload']> = {
  call?: Resolver<Maybe<ResolversTypes['Call']>, ParentType, ContextType>;
  conference?: Resolver<Maybe<ResolversTypes['Conference']>, ParentType, ContextType>;
  removedParticipantId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  endConference?: Resolver<ResolversTypes['EndConferencePayload'], ParentType, ContextType, RequireFields<MutationEndConferenceArgs, 'input'>>;
  hangUpParticipant?: Resolver<ResolversTypes['HangUpParticipantPayload'], ParentType, ContextType, RequireFields<MutationHangUpParticipantArgs, 'input'>>;
  muteConference?: Resolver<ResolversTypes['MuteConferencePayload'], ParentType, ContextType, RequireFields<MutationMuteConferenceArgs, 'input'>>;
  muteParticipant?: Resolver<ResolversTypes['MuteParticipantPayload'], ParentType, ContextType, RequireFields<MutationMuteParticipantArgs, 'input'>>;
  unmuteParticipant?: Resolver<ResolversTypes['UnmuteParticipantPayload'], ParentType, ContextType, RequireFields<MutationUnmuteParticipantArgs, 'input'>>;
};

export type MuteConferencePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MuteConferencePayload'] = ResolversParentTypes['MuteConferencePayload']> = {
  conference?: Resolver<Maybe<ResolversTypes['Conference']>, ParentType, ContextType>;
  mutedParticipants?: Resolver<ReadonlyArray<ResolversTypes['Participant']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type MuteParticipantPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MuteParticipantPayload'] = ResolversParentTypes['MuteParticipantPayload']> = {
  participant?: Resolver<Maybe<ResolversTypes['Participant']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type NodeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Account' | 'Call' | 'Conference' | 'Participant' | 'Recording', ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ParticipantResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Participant'] = ResolversParentTypes['Participant'], FederationReferenceType extends FederationReferenceTypes['Participant'] = FederationReferenceTypes['Participant']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Participant']> | FederationReferenceType, FederationReferenceType, ContextType>;
  accountSid?: Resolver<ResolversTypes['AccountSid'], ParentType, ContextType>;
  call?: Resolver<Maybe<ResolversTypes['Call']>, ParentType, ContextType>;
  callSid?: Resolver<ResolversTypes['CallSid'], ParentType, ContextType>;
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  conferenceSid?: Resolver<ResolversTypes['ConferenceSid'], ParentType, ContextType>;
  dateCreated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dateUpdated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  endConferenceOnExit?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  hold?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  muted?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  startConferenceOnEnter?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ParticipantChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ParticipantChanged'] = ResolversParentTypes['ParticipantChanged']> = {
  changed?: Resolver<ReadonlyArray<ResolversTypes['ParticipantFlag']>, ParentType, ContextType>;
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  participant?: Resolver<ResolversTypes['Participant'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ParticipantConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ParticipantConnection'] = ResolversParentTypes['ParticipantConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ParticipantEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Participant']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ParticipantEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ParticipantEdge'] = ResolversParentTypes['ParticipantEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Participant'], ParentType, ContextType>;
};

export type ParticipantJoinedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ParticipantJoined'] = ResolversParentTypes['ParticipantJoined']> = {
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  participant?: Resolver<ResolversTypes['Participant'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ParticipantLeftResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ParticipantLeft'] = ResolversParentTypes['ParticipantLeft']> = {
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  participant?: Resolver<ResolversTypes['Participant'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  account?: Resolver<Maybe<ResolversTypes['Account']>, ParentType, ContextType, RequireFields<QueryAccountArgs, 'sid'>>;
  conference?: Resolver<Maybe<ResolversTypes['Conference']>, ParentType, ContextType, RequireFields<QueryConferenceArgs, 'sid'>>;
  conferences?: Resolver<ResolversTypes['ConferenceConnection'], ParentType, ContextType, Partial<QueryConferencesArgs>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  nodes?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Node']>>, ParentType, ContextType, RequireFields<QueryNodesArgs, 'ids'>>;
  viewer?: Resolver<ResolversTypes['Account'], ParentType, ContextType>;
};

export type RecordingResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Recording'] = ResolversParentTypes['Recording'], FederationReferenceType extends FederationReferenceTypes['Recording'] = FederationReferenceTypes['Recording']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Recording']> | FederationReferenceType, FederationReferenceType, ContextType>;
  accountSid?: Resolver<ResolversTypes['AccountSid'], ParentType, ContextType>;
  callSid?: Resolver<ResolversTypes['CallSid'], ParentType, ContextType>;
  dateCreated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dateUpdated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  duration?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  fileUri?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sid?: Resolver<ResolversTypes['Sid'], ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface SidScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Sid'], any> {
  name: 'Sid';
}

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  accountEvents?: SubscriptionResolver<ResolversTypes['AccountEvent'], "accountEvents", ParentType, ContextType, Partial<SubscriptionAccountEventsArgs>>;
  conferenceEvents?: SubscriptionResolver<ResolversTypes['ConferenceEvent'], "conferenceEvents", ParentType, ContextType, RequireFields<SubscriptionConferenceEventsArgs, 'conferenceId'>>;
};

export type UnmuteParticipantPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UnmuteParticipantPayload'] = ResolversParentTypes['UnmuteParticipantPayload']> = {
  participant?: Resolver<Maybe<ResolversTypes['Participant']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  participantId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  Account?: AccountResolvers<ContextType>;
  AccountEvent?: AccountEventResolvers<ContextType>;
  AccountSid?: GraphQLScalarType;
  AccountSnapshot?: AccountSnapshotResolvers<ContextType>;
  Call?: CallResolvers<ContextType>;
  CallConnection?: CallConnectionResolvers<ContextType>;
  CallEdge?: CallEdgeResolvers<ContextType>;
  CallSid?: GraphQLScalarType;
  Conference?: ConferenceResolvers<ContextType>;
  ConferenceChanged?: ConferenceChangedResolvers<ContextType>;
  ConferenceConnection?: ConferenceConnectionResolvers<ContextType>;
  ConferenceEdge?: ConferenceEdgeResolvers<ContextType>;
  ConferenceEnded?: ConferenceEndedResolvers<ContextType>;
  ConferenceEvent?: ConferenceEventResolvers<ContextType>;
  ConferenceSid?: GraphQLScalarType;
  ConferenceSnapshot?: ConferenceSnapshotResolvers<ContextType>;
  ConferenceStarted?: ConferenceStartedResolvers<ContextType>;
  ConferenceStatusChanged?: ConferenceStatusChangedResolvers<ContextType>;
  Date?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  EndConferencePayload?: EndConferencePayloadResolvers<ContextType>;
  HangUpParticipantPayload?: HangUpParticipantPayloadResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  MuteConferencePayload?: MuteConferencePayloadResolvers<ContextType>;
  MuteParticipantPayload?: MuteParticipantPayloadResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Participant?: ParticipantResolvers<ContextType>;
  ParticipantChanged?: ParticipantChangedResolvers<ContextType>;
  ParticipantConnection?: ParticipantConnectionResolvers<ContextType>;
  ParticipantEdge?: ParticipantEdgeResolvers<ContextType>;
  ParticipantJoined?: ParticipantJoinedResolvers<ContextType>;
  ParticipantLeft?: ParticipantLeftResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Recording?: RecordingResolvers<ContextType>;
  Sid?: GraphQLScalarType;
  Subscription?: SubscriptionResolvers<ContextType>;
  UnmuteParticipantPayload?: UnmuteParticipantPayloadResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};

