import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Account as AccountModel, Conference as ConferenceModel, Participant as ParticipantModel, Call as CallModel, Recording as RecordingModel } from '../model.ts';
import type { Refusal } from '../moderation/refusal.ts';
import type { ConferenceSnapshot as ConferenceSnapshotEvent, ConferenceStatusChanged as ConferenceStatusChangedEvent, ParticipantJoined as ParticipantJoinedEvent, ParticipantLeft as ParticipantLeftEvent, ParticipantChanged as ParticipantChangedEvent } from '../live/events.ts';
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
  /** `AC` and 32 letters or digits. Anything else is `BAD_USER_INPUT` and never reaches Restcomm. */
  AccountSid: { input: string; output: string; }
  /** `CA` and 32 letters or digits, or the newer form `ID` and 32, a hyphen, then `CA` and 32. */
  CallSid: { input: string; output: string; }
  /** `CF` and 32 letters or digits. Anything else is `BAD_USER_INPUT` and never reaches Restcomm. */
  ConferenceSid: { input: string; output: string; }
  /** A calendar day, `YYYY-MM-DD`, meant in the time zone of the Restcomm server. A day that does not exist is refused. */
  Date: { input: string; output: string; }
  /**
   * A moment, as RFC 3339 with the offset that Restcomm gave, for example `2016-05-31T16:15:51+03:00`.
   * Restcomm keeps whole seconds for most dates; a call's start and end have milliseconds.
   */
  DateTime: { input: string; output: string; }
  /** `RE` and 32 letters or digits. Anything else is `BAD_USER_INPUT` and never reaches Restcomm. */
  RecordingSid: { input: string; output: string; }
  _FieldSet: { input: unknown; output: unknown; }
};

/** A Restcomm account: the owner of conferences and calls, and what a request authenticates as. */
export type Account = Node & {
  readonly __typename?: 'Account';
  /** The conferences that this account owns, running and over. */
  readonly conferences: ConferenceConnection;
  /** When the account was opened. */
  readonly dateCreated?: Maybe<Scalars['DateTime']['output']>;
  /** When it was last changed. */
  readonly dateUpdated?: Maybe<Scalars['DateTime']['output']>;
  /** A name for people. Not unique. */
  readonly friendlyName?: Maybe<Scalars['String']['output']>;
  /** Opaque, for `Query.node`. */
  readonly id: Scalars['ID']['output'];
  /** Restcomm's identifier of the account, and the user name that goes with its token. */
  readonly sid: Scalars['AccountSid']['output'];
  /** Whether the account may be used. Null when Restcomm does not say. */
  readonly status?: Maybe<AccountStatus>;
  /** Restcomm's kind of account, as it writes it: `Full` or `Trial`. */
  readonly type?: Maybe<Scalars['String']['output']>;
  /** Where Restcomm has it, relative to its host. */
  readonly uri?: Maybe<Scalars['String']['output']>;
};


/** A Restcomm account: the owner of conferences and calls, and what a request authenticates as. */
export type AccountConferencesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConferenceFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ConferenceOrder>;
};

/** Whether an account may be used. */
export type AccountStatus =
  /** In use. */
  | 'ACTIVE'
  /** Closed for good; its credentials are refused. */
  | 'CLOSED'
  /** Not activated; its credentials are refused. */
  | 'INACTIVE'
  /** Stopped by its parent; its credentials are refused until it is resumed. */
  | 'SUSPENDED'
  /** Set up and not yet used; its credentials are accepted. */
  | 'UNINITIALIZED'
  /** A status that this gateway does not know. */
  | 'UNKNOWN';

/** One leg: a call between Restcomm and one party, live or over. */
export type Call = Node & {
  readonly __typename?: 'Call';
  /** The account that owns it; a look-up by SID needs it. */
  readonly accountSid: Scalars['AccountSid']['output'];
  /** Who picked up, as Restcomm noted it. */
  readonly answeredBy?: Maybe<Scalars['String']['output']>;
  /** The caller's display name, where the network gave one. */
  readonly callerName?: Maybe<Scalars['String']['output']>;
  /** When it was placed. */
  readonly dateCreated: Scalars['DateTime']['output'];
  /** When it last changed. */
  readonly dateUpdated: Scalars['DateTime']['output'];
  /** Which side placed the call. */
  readonly direction: CallDirection;
  /** How long it lasted, in seconds; null while it lasts. */
  readonly duration?: Maybe<Scalars['Int']['output']>;
  /** When it ended; null while it lasts. */
  readonly endTime?: Maybe<Scalars['DateTime']['output']>;
  /** The number that passed the call on, where the network gave one. */
  readonly forwardedFrom?: Maybe<Scalars['String']['output']>;
  /** Who calls: a number, a client name or a SIP address. */
  readonly from?: Maybe<Scalars['String']['output']>;
  /** Opaque, for `Query.node`. */
  readonly id: Scalars['ID']['output'];
  /** The call that started this one, as a `<Dial>` does. */
  readonly parentCallSid?: Maybe<Scalars['CallSid']['output']>;
  /** What was recorded of it; empty when nothing was. */
  readonly recordings: ReadonlyArray<Recording>;
  /** How long it rang, in seconds. */
  readonly ringDuration?: Maybe<Scalars['Int']['output']>;
  /** Restcomm's identifier of the call. */
  readonly sid: Scalars['CallSid']['output'];
  /** When it was answered. */
  readonly startTime?: Maybe<Scalars['DateTime']['output']>;
  /** How far the call has come. `UNKNOWN` for a word that this gateway does not know: see `statusText`. */
  readonly status: CallStatus;
  /** Restcomm's own word for the status, also when `status` is `UNKNOWN`. */
  readonly statusText: Scalars['String']['output'];
  /** Who is called: a number, a client name or a SIP address. */
  readonly to?: Maybe<Scalars['String']['output']>;
  /** Where Restcomm has it, relative to its host. */
  readonly uri: Scalars['String']['output'];
};

/** A page of calls. */
export type CallConnection = {
  readonly __typename?: 'CallConnection';
  /** The page, each call with its cursor. */
  readonly edges: ReadonlyArray<CallEdge>;
  /** The page without cursors. */
  readonly nodes: ReadonlyArray<Call>;
  /** Where the page stands in the list. */
  readonly pageInfo: PageInfo;
  /** How many legs there were in all. Left out of a query, it costs nothing. */
  readonly totalCount: Scalars['Int']['output'];
};

/** Which side placed a call. */
export type CallDirection =
  /** Somebody called in. */
  | 'INBOUND'
  /** Placed through the REST API. */
  | 'OUTBOUND_API'
  /** Placed by a `<Dial>` in another call. */
  | 'OUTBOUND_DIAL'
  /** A direction that this gateway does not know. */
  | 'UNKNOWN';

/** A call at its place in a list. */
export type CallEdge = {
  readonly __typename?: 'CallEdge';
  /** This place, to be passed as `after` or `before` for the same list. It holds when calls are added meanwhile. */
  readonly cursor: Scalars['String']['output'];
  /** The call. */
  readonly node: Call;
};

/** The life of a call. */
export type CallStatus =
  /** The other side was busy. */
  | 'BUSY'
  /** Given up before it was answered. */
  | 'CANCELED'
  /** Ended after having been connected. */
  | 'COMPLETED'
  /** It could not be placed. */
  | 'FAILED'
  /** Connected. Only such a call can be a participant. */
  | 'IN_PROGRESS'
  /** There is no such number or address. */
  | 'NOT_FOUND'
  /** Nobody picked up. */
  | 'NO_ANSWER'
  /** Waiting to be placed. */
  | 'QUEUED'
  /** Ringing at the other side. */
  | 'RINGING'
  /** A status that this gateway does not know; `statusText` has it. */
  | 'UNKNOWN'
  /** Placed, and waiting for the other side to answer. */
  | 'WAIT_FOR_ANSWER';

/** A conference room from its first caller to its end. A room that opens again under the same name is another conference. */
export type Conference = Node & {
  readonly __typename?: 'Conference';
  /** The account that owns it. */
  readonly account: Account;
  /** The account that owns it; a look-up by SID needs it. */
  readonly accountSid: Scalars['AccountSid']['output'];
  /** The version of Restcomm's API that it was made with. */
  readonly apiVersion: Scalars['String']['output'];
  /** Every leg that was ever part of the conference, also those that have left, oldest first. */
  readonly calls: CallConnection;
  /** When its first caller arrived. */
  readonly dateCreated: Scalars['DateTime']['output'];
  /** When its status last changed. */
  readonly dateUpdated: Scalars['DateTime']['output'];
  /** The name callers were sent to, as `<Conference>` has it. Null when it has none; not unique. */
  readonly friendlyName?: Maybe<Scalars['String']['output']>;
  /** Opaque, for `Query.node`. */
  readonly id: Scalars['ID']['output'];
  /** Neither `COMPLETED` nor `FAILED`. What is over stays so: it never changes again. */
  readonly isRunning: Scalars['Boolean']['output'];
  /** One caller. Null unless that call is in this conference at this moment. */
  readonly participant?: Maybe<Participant>;
  /**
   * The callers connected at this moment, in the order in which their calls began. Somebody who leaves is gone from the
   * list, and a conference that is over has none. A page goes on after the call that a cursor stands for, so nobody is
   * skipped or repeated because another left; somebody who joins meanwhile on an older call may be missed.
   */
  readonly participants: ParticipantConnection;
  /** Restcomm's identifier of the conference. */
  readonly sid: Scalars['ConferenceSid']['output'];
  /** How far the conference has come. `UNKNOWN` for a word that this gateway does not know: see `statusText`. */
  readonly status: ConferenceStatus;
  /** Restcomm's own word for the status, also when `status` is `UNKNOWN`. */
  readonly statusText: Scalars['String']['output'];
  /** Where Restcomm has it, relative to its host. */
  readonly uri: Scalars['String']['output'];
};


/** A conference room from its first caller to its end. A room that opens again under the same name is another conference. */
export type ConferenceCallsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** A conference room from its first caller to its end. A room that opens again under the same name is another conference. */
export type ConferenceParticipantArgs = {
  callSid: Scalars['CallSid']['input'];
};


/** A conference room from its first caller to its end. A room that opens again under the same name is another conference. */
export type ConferenceParticipantsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ParticipantFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of conferences. */
export type ConferenceConnection = {
  readonly __typename?: 'ConferenceConnection';
  /** The page, each conference with its cursor. */
  readonly edges: ReadonlyArray<ConferenceEdge>;
  /** The page without cursors. */
  readonly nodes: ReadonlyArray<Conference>;
  /** Where the page stands in the list. */
  readonly pageInfo: PageInfo;
  /** How long the whole filtered list is. Left out of a query, it costs nothing. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A conference at its place in a list. */
export type ConferenceEdge = {
  readonly __typename?: 'ConferenceEdge';
  /** This place, to be passed as `after` or `before` for the same list. It holds when conferences are added meanwhile. */
  readonly cursor: Scalars['String']['output'];
  /** The conference. */
  readonly node: Conference;
};

/** Something that happened in a conference. */
export type ConferenceEvent = ConferenceSnapshot | ConferenceStatusChanged | ParticipantChanged | ParticipantJoined | ParticipantLeft;

/** Conditions on conferences. Each one given must hold; Restcomm applies them, so they cost nothing more. */
export type ConferenceFilter = {
  /** The conferences that this call took part in. Restcomm's cloud only. */
  readonly callSid?: InputMaybe<Scalars['CallSid']['input']>;
  /** Created on this day or later. */
  readonly createdOnOrAfter?: InputMaybe<Scalars['Date']['input']>;
  /** Up to this day. Restcomm's cloud only. */
  readonly endTime?: InputMaybe<Scalars['Date']['input']>;
  /** By name; case counts, but on a Restcomm whose database has it otherwise. `%` stands for any text and `_` for any one character; neither can be escaped. */
  readonly friendlyName?: InputMaybe<Scalars['String']['input']>;
  /** At most this many rows in all. Restcomm's cloud only. */
  readonly limit?: InputMaybe<Scalars['Int']['input']>;
  /** From this day on. Restcomm's cloud only. */
  readonly startTime?: InputMaybe<Scalars['Date']['input']>;
  /** In exactly this status. `UNKNOWN` cannot be asked for. */
  readonly status?: InputMaybe<ConferenceStatus>;
  /**
   * Last updated on this day or earlier. Restcomm Connect fails on this one, so the gateway reads the list and compares;
   * that is bounded as sorting is.
   */
  readonly updatedOnOrBefore?: InputMaybe<Scalars['Date']['input']>;
};

/**
 * An order for conferences. Restcomm cannot sort them, so the gateway reads the whole filtered list to do it: past the
 * gateway's bounds (10,000 rows, and 50,000 in all lists of a query, unless set otherwise) the answer is `LIST_TOO_LARGE`,
 * and a filter is the way out.
 */
export type ConferenceOrder = {
  /** Upwards or downwards. */
  readonly direction: OrderDirection;
  /** What to compare. Where that is equal, the SIDs are compared. */
  readonly field: ConferenceOrderField;
};

/** What conferences can be sorted by. */
export type ConferenceOrderField =
  /** The moment of creation, whatever its offset. */
  | 'DATE_CREATED'
  /** The moment of the last update, whatever its offset. */
  | 'DATE_UPDATED'
  /** The name, by character code, so that upper case stands before lower. Having none counts as less than any name. */
  | 'FRIENDLY_NAME';

/** The conference as it is: forget what was known of it before. */
export type ConferenceSnapshot = {
  readonly __typename?: 'ConferenceSnapshot';
  /** With everybody who is in it at this moment. */
  readonly conference: Conference;
};

/** The life of a conference. */
export type ConferenceStatus =
  /** Over. Final. */
  | 'COMPLETED'
  /** It could not be held. Final. */
  | 'FAILED'
  /** The room is being set up. */
  | 'RUNNING_INITIALIZING'
  /** Callers are waiting for somebody whose arrival starts the conference. */
  | 'RUNNING_MODERATOR_ABSENT'
  /** The conference is on. */
  | 'RUNNING_MODERATOR_PRESENT'
  /** The room is being closed. */
  | 'STOPPING'
  /** A status that this gateway does not know; `statusText` has it. Such a conference counts as running. */
  | 'UNKNOWN';

/** The conference has another status. */
export type ConferenceStatusChanged = {
  readonly __typename?: 'ConferenceStatusChanged';
  /** As it is now. */
  readonly conference: Conference;
  /** The status that it had. */
  readonly previous: ConferenceStatus;
};

/** Which conference to end. */
export type EndConferenceInput = {
  /** The conference's `id`. */
  readonly conferenceId: Scalars['ID']['input'];
};

/** What came of ending a conference. */
export type EndConferencePayload = {
  readonly __typename?: 'EndConferencePayload';
  /** The conference as Restcomm shows it now, which may close the room a moment later; null when it was not found. */
  readonly conference?: Maybe<Conference>;
  /** The calls that were hung up. */
  readonly hungUp: ReadonlyArray<Call>;
  /** Why some could not be hung up, or are not shown as over yet, one each. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Whom to hang up. */
export type HangUpParticipantInput = {
  /** A participant's `id`. */
  readonly participantId: Scalars['ID']['input'];
};

/** What came of hanging up. */
export type HangUpParticipantPayload = {
  readonly __typename?: 'HangUpParticipantPayload';
  /** The call as Restcomm shows it now; null when it was not found. */
  readonly call?: Maybe<Call>;
  /** The conference that the call was in; null when it was not found. */
  readonly conference?: Maybe<Conference>;
  /** Why it could not be done, or is not shown yet; empty when it was done. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/**
 * What can be done to a conference. A participant is acted on only after it was found in that conference's list with the
 * caller's own credentials. What the caller can understand and put right stands in `userErrors`; the rest is an error.
 * Nothing is ever sent twice.
 */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Hangs up everybody who is in a conference at this moment, which ends it. */
  readonly endConference: EndConferencePayload;
  /** Ends the call of a participant, who so leaves the conference. */
  readonly hangUpParticipant: HangUpParticipantPayload;
  /** Mutes everybody who is in a conference at this moment, but for `except`. Who joins later is not muted. */
  readonly muteConference: MuteConferencePayload;
  /** Makes the others not hear a participant. */
  readonly muteParticipant: MuteParticipantPayload;
  /** Makes the others hear a participant again. */
  readonly unmuteParticipant: UnmuteParticipantPayload;
};


/**
 * What can be done to a conference. A participant is acted on only after it was found in that conference's list with the
 * caller's own credentials. What the caller can understand and put right stands in `userErrors`; the rest is an error.
 * Nothing is ever sent twice.
 */
export type MutationEndConferenceArgs = {
  input: EndConferenceInput;
};


/**
 * What can be done to a conference. A participant is acted on only after it was found in that conference's list with the
 * caller's own credentials. What the caller can understand and put right stands in `userErrors`; the rest is an error.
 * Nothing is ever sent twice.
 */
export type MutationHangUpParticipantArgs = {
  input: HangUpParticipantInput;
};


/**
 * What can be done to a conference. A participant is acted on only after it was found in that conference's list with the
 * caller's own credentials. What the caller can understand and put right stands in `userErrors`; the rest is an error.
 * Nothing is ever sent twice.
 */
export type MutationMuteConferenceArgs = {
  input: MuteConferenceInput;
};


/**
 * What can be done to a conference. A participant is acted on only after it was found in that conference's list with the
 * caller's own credentials. What the caller can understand and put right stands in `userErrors`; the rest is an error.
 * Nothing is ever sent twice.
 */
export type MutationMuteParticipantArgs = {
  input: MuteParticipantInput;
};


/**
 * What can be done to a conference. A participant is acted on only after it was found in that conference's list with the
 * caller's own credentials. What the caller can understand and put right stands in `userErrors`; the rest is an error.
 * Nothing is ever sent twice.
 */
export type MutationUnmuteParticipantArgs = {
  input: UnmuteParticipantInput;
};

/** Which conference to mute. */
export type MuteConferenceInput = {
  /** The conference's `id`. */
  readonly conferenceId: Scalars['ID']['input'];
  /** The `id`s of participants of it who are left as they are. Who is not there any more does no harm. */
  readonly except?: InputMaybe<ReadonlyArray<Scalars['ID']['input']>>;
};

/** What came of muting a conference. */
export type MuteConferencePayload = {
  readonly __typename?: 'MuteConferencePayload';
  /** The conference; null when it was not found. */
  readonly conference?: Maybe<Conference>;
  /** Everybody who was to be muted and is shown as muted now. */
  readonly muted: ReadonlyArray<Participant>;
  /** Why some could not be muted, or are not shown as muted yet, one each. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Whom to mute. */
export type MuteParticipantInput = {
  /** A participant's `id`. */
  readonly participantId: Scalars['ID']['input'];
};

/** What came of muting. */
export type MuteParticipantPayload = {
  readonly __typename?: 'MuteParticipantPayload';
  /** The participant as Restcomm shows it now; null when it is not in the conference (any more). */
  readonly participant?: Maybe<Participant>;
  /** Why it could not be done, or is not shown yet; empty when it was done. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Something with an identity of its own: its `id` can be kept and given to `node` later, with the same credentials. */
export type Node = {
  /** Opaque, and unique over all types. It stays the same for as long as the object exists. */
  readonly id: Scalars['ID']['output'];
};

/** Whether a list runs upwards or downwards. */
export type OrderDirection =
  /** Oldest first, or A before Z. */
  | 'ASC'
  /** Newest first, or Z before A. */
  | 'DESC';

/** Where a page stands in its list. Both flags are exact in both directions, whichever way the list was paged. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** The cursor of the last edge, to be passed as `after`; null on an empty page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether the list goes on after the last edge of this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether the list has something before the first edge of this page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first edge, to be passed as `before`; null on an empty page. */
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** A caller who is in a conference at this moment: one call, seen from the room. */
export type Participant = Node & {
  readonly __typename?: 'Participant';
  /** The account that owns the caller's call. */
  readonly accountSid: Scalars['AccountSid']['output'];
  /** Who it is: from, to, direction, duration. */
  readonly call?: Maybe<Call>;
  /** The call that brings this caller in; a participant has no other identifier. */
  readonly callSid: Scalars['CallSid']['output'];
  /** The conference that the caller is in. */
  readonly conference: Conference;
  /** The conference that the caller is in. */
  readonly conferenceSid: Scalars['ConferenceSid']['output'];
  /** When the call began. */
  readonly dateCreated: Scalars['DateTime']['output'];
  /** When the call last changed. */
  readonly dateUpdated: Scalars['DateTime']['output'];
  /** Whether the conference ends when this caller leaves. Null when Restcomm does not say. */
  readonly endConferenceOnExit?: Maybe<Scalars['Boolean']['output']>;
  /** Whether this caller is on hold. Null when Restcomm does not say. */
  readonly hold?: Maybe<Scalars['Boolean']['output']>;
  /** Opaque, for `Query.node`, which answers null once the caller has left. */
  readonly id: Scalars['ID']['output'];
  /** Whether the others cannot hear this caller. Null when Restcomm does not say. */
  readonly muted?: Maybe<Scalars['Boolean']['output']>;
  /** Whether the conference starts when this caller enters. Null when Restcomm does not say. */
  readonly startConferenceOnEnter?: Maybe<Scalars['Boolean']['output']>;
  /** Where Restcomm has the call, relative to its host. */
  readonly uri: Scalars['String']['output'];
};

/** Somebody in the conference was muted, put on hold, or the like. */
export type ParticipantChanged = {
  readonly __typename?: 'ParticipantChanged';
  /** What is other than it was. */
  readonly changed: ReadonlyArray<ParticipantFlag>;
  /** As it is now. */
  readonly conference: Conference;
  /** Whom it is about, as it is now. */
  readonly participant: Participant;
};

/** A page of participants. */
export type ParticipantConnection = {
  readonly __typename?: 'ParticipantConnection';
  /** The page, each participant with its cursor. */
  readonly edges: ReadonlyArray<ParticipantEdge>;
  /** The page without cursors. */
  readonly nodes: ReadonlyArray<Participant>;
  /** Where the page stands in the list. */
  readonly pageInfo: PageInfo;
  /** How many callers are in the conference and meet the filter. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A participant at a place in the list. */
export type ParticipantEdge = {
  readonly __typename?: 'ParticipantEdge';
  /** This place, to be passed as `after` or `before`. It stays valid when this caller, or any other, leaves. */
  readonly cursor: Scalars['String']['output'];
  /** The participant. */
  readonly node: Participant;
};

/** Conditions on participants. Each one given must hold; they are applied before paging and count into `totalCount`. */
export type ParticipantFilter = {
  /** On hold, or not. A caller of whom Restcomm does not say meets neither. */
  readonly hold?: InputMaybe<Scalars['Boolean']['input']>;
  /** Muted, or not. A caller of whom Restcomm does not say meets neither. */
  readonly muted?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What can change of a participant. */
export type ParticipantFlag =
  /** `endConferenceOnExit`. */
  | 'END_CONFERENCE_ON_EXIT'
  /** `hold`. */
  | 'HOLD'
  /** `muted`. */
  | 'MUTED'
  /** `startConferenceOnEnter`. */
  | 'START_CONFERENCE_ON_ENTER';

/** Somebody is in the conference who was not. */
export type ParticipantJoined = {
  readonly __typename?: 'ParticipantJoined';
  /** As it is now. */
  readonly conference: Conference;
  /** Who joined. */
  readonly participant: Participant;
};

/** Somebody is not in the conference any more. */
export type ParticipantLeft = {
  readonly __typename?: 'ParticipantLeft';
  /** As it is now. */
  readonly conference: Conference;
  /** Who left, as last seen. */
  readonly participant: Participant;
};

/** What can be asked. Every answer shows what the caller's own credentials may see, and nothing else. */
export type Query = {
  readonly __typename?: 'Query';
  /** An account: the viewer's own, or one below it. Null when there is none of that SID. */
  readonly account?: Maybe<Account>;
  /** A conference, running or over. Null when the account has none of that SID. */
  readonly conference?: Maybe<Conference>;
  /** The conferences of an account, running and over. */
  readonly conferences: ConferenceConnection;
  /** Any object by its `id`; null when it does not exist (any more), or when a participant has left. */
  readonly node?: Maybe<Node>;
  /** Several objects by their `id`, in the order asked for, null for each one that is missing. */
  readonly nodes: ReadonlyArray<Maybe<Node>>;
  /** The account whose credentials came with the request. */
  readonly viewer: Account;
};


/** What can be asked. Every answer shows what the caller's own credentials may see, and nothing else. */
export type QueryAccountArgs = {
  sid: Scalars['AccountSid']['input'];
};


/** What can be asked. Every answer shows what the caller's own credentials may see, and nothing else. */
export type QueryConferenceArgs = {
  accountSid?: InputMaybe<Scalars['AccountSid']['input']>;
  sid: Scalars['ConferenceSid']['input'];
};


/** What can be asked. Every answer shows what the caller's own credentials may see, and nothing else. */
export type QueryConferencesArgs = {
  accountSid?: InputMaybe<Scalars['AccountSid']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConferenceFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ConferenceOrder>;
};


/** What can be asked. Every answer shows what the caller's own credentials may see, and nothing else. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** What can be asked. Every answer shows what the caller's own credentials may see, and nothing else. */
export type QueryNodesArgs = {
  ids: ReadonlyArray<Scalars['ID']['input']>;
};

/** What was recorded of a call. */
export type Recording = Node & {
  readonly __typename?: 'Recording';
  /** The account that owns it. */
  readonly accountSid: Scalars['AccountSid']['output'];
  /** The call that was recorded. */
  readonly callSid: Scalars['CallSid']['output'];
  /** When the recording was made. */
  readonly dateCreated: Scalars['DateTime']['output'];
  /** When it was last changed. */
  readonly dateUpdated: Scalars['DateTime']['output'];
  /** How long it is, in seconds. */
  readonly duration?: Maybe<Scalars['Float']['output']>;
  /** Where the sound is, as Restcomm gives it; fetching it needs the account's credentials. */
  readonly fileUri?: Maybe<Scalars['String']['output']>;
  /** Opaque, for `Query.node`. */
  readonly id: Scalars['ID']['output'];
  /** Restcomm's identifier of the recording. */
  readonly sid: Scalars['RecordingSid']['output'];
  /** Where Restcomm has it, relative to its host. */
  readonly uri: Scalars['String']['output'];
};

/**
 * What happens, as it happens. Restcomm cannot push: the gateway asks it every few seconds, once for all who watch the same
 * conference with the same credentials, and tells what has changed.
 */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /**
   * What happens in a conference, beginning with a snapshot of it. Applied to the snapshot in their order, the events give
   * the conference as it is. The stream completes when the conference is over. Whoever reconnects gets a new snapshot, and
   * so does whoever reads more slowly than things happen.
   */
  readonly conferenceEvents: ConferenceEvent;
  /**
   * Each conference of an account that starts, changes its status or ends, from now on. Whoever reads more slowly than that
   * happens is told of each that is running, and of the last hundred that have ended, as they are by then.
   */
  readonly conferencesChanged: Conference;
};


/**
 * What happens, as it happens. Restcomm cannot push: the gateway asks it every few seconds, once for all who watch the same
 * conference with the same credentials, and tells what has changed.
 */
export type SubscriptionConferenceEventsArgs = {
  conferenceId: Scalars['ID']['input'];
};


/**
 * What happens, as it happens. Restcomm cannot push: the gateway asks it every few seconds, once for all who watch the same
 * conference with the same credentials, and tells what has changed.
 */
export type SubscriptionConferencesChangedArgs = {
  accountSid?: InputMaybe<Scalars['AccountSid']['input']>;
};

/** Whom to unmute. */
export type UnmuteParticipantInput = {
  /** A participant's `id`. */
  readonly participantId: Scalars['ID']['input'];
};

/** What came of unmuting. */
export type UnmuteParticipantPayload = {
  readonly __typename?: 'UnmuteParticipantPayload';
  /** The participant as Restcomm shows it now; null when it is not in the conference (any more). */
  readonly participant?: Maybe<Participant>;
  /** Why it could not be done, or is not shown yet; empty when it was done. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Why something could not be done, for the person who asked for it. */
export type UserError = {
  readonly __typename?: 'UserError';
  /** For programs. */
  readonly code: UserErrorCode;
  /** Where in the arguments the reason lies, from the outside in. */
  readonly field?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** For people. */
  readonly message: Scalars['String']['output'];
  /** The participant that it is about, where several were acted on. */
  readonly participantId?: Maybe<Scalars['ID']['output']>;
};

/** Reasons that a person can understand. */
export type UserErrorCode =
  /** The call ended before it could be acted on. */
  | 'CALL_ENDED'
  /** The account has no such conference. */
  | 'CONFERENCE_NOT_FOUND'
  /** The conference is over. */
  | 'NOT_IN_PROGRESS'
  /** That call is not in that conference at this moment. */
  | 'PARTICIPANT_NOT_FOUND'
  /**
   * Restcomm did not do it: it refused, or it failed for this participant. Or it took it, and did not show it in time: then
   * it may still come about, and `message` says so.
   */
  | 'REFUSED';



export type ResolverTypeWrapper<T> = Promise<T> | T;

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
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  AccountSid: ResolverTypeWrapper<Scalars['AccountSid']['output']>;
  AccountStatus: AccountStatus;
  Call: ResolverTypeWrapper<CallModel>;
  CallConnection: ResolverTypeWrapper<Connection<CallModel>>;
  CallDirection: CallDirection;
  CallEdge: ResolverTypeWrapper<Omit<CallEdge, 'node'> & { node: ResolversTypes['Call'] }>;
  CallSid: ResolverTypeWrapper<Scalars['CallSid']['output']>;
  CallStatus: CallStatus;
  Conference: ResolverTypeWrapper<ConferenceModel>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ConferenceConnection: ResolverTypeWrapper<Connection<ConferenceModel>>;
  ConferenceEdge: ResolverTypeWrapper<Omit<ConferenceEdge, 'node'> & { node: ResolversTypes['Conference'] }>;
  ConferenceEvent: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['ConferenceEvent']>;
  ConferenceFilter: ConferenceFilter;
  ConferenceOrder: ConferenceOrder;
  ConferenceOrderField: ConferenceOrderField;
  ConferenceSid: ResolverTypeWrapper<Scalars['ConferenceSid']['output']>;
  ConferenceSnapshot: ResolverTypeWrapper<ConferenceSnapshotEvent>;
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
  MuteConferencePayload: ResolverTypeWrapper<Omit<MuteConferencePayload, 'conference' | 'muted' | 'userErrors'> & { conference?: Maybe<ResolversTypes['Conference']>, muted: ReadonlyArray<ResolversTypes['Participant']>, userErrors: ReadonlyArray<ResolversTypes['UserError']> }>;
  MuteParticipantInput: MuteParticipantInput;
  MuteParticipantPayload: ResolverTypeWrapper<Omit<MuteParticipantPayload, 'participant' | 'userErrors'> & { participant?: Maybe<ResolversTypes['Participant']>, userErrors: ReadonlyArray<ResolversTypes['UserError']> }>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  OrderDirection: OrderDirection;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Participant: ResolverTypeWrapper<ParticipantModel>;
  ParticipantChanged: ResolverTypeWrapper<ParticipantChangedEvent>;
  ParticipantConnection: ResolverTypeWrapper<Connection<ParticipantModel>>;
  ParticipantEdge: ResolverTypeWrapper<Omit<ParticipantEdge, 'node'> & { node: ResolversTypes['Participant'] }>;
  ParticipantFilter: ParticipantFilter;
  ParticipantFlag: ParticipantFlag;
  ParticipantJoined: ResolverTypeWrapper<ParticipantJoinedEvent>;
  ParticipantLeft: ResolverTypeWrapper<ParticipantLeftEvent>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Recording: ResolverTypeWrapper<RecordingModel>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  RecordingSid: ResolverTypeWrapper<Scalars['RecordingSid']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UnmuteParticipantInput: UnmuteParticipantInput;
  UnmuteParticipantPayload: ResolverTypeWrapper<Omit<UnmuteParticipantPayload, 'participant' | 'userErrors'> & { participant?: Maybe<ResolversTypes['Participant']>, userErrors: ReadonlyArray<ResolversTypes['UserError']> }>;
  UserError: ResolverTypeWrapper<Refusal>;
  UserErrorCode: UserErrorCode;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Account: AccountModel;
  String: Scalars['String']['output'];
  Int: Scalars['Int']['output'];
  ID: Scalars['ID']['output'];
  AccountSid: Scalars['AccountSid']['output'];
  Call: CallModel;
  CallConnection: Connection<CallModel>;
  CallEdge: Omit<CallEdge, 'node'> & { node: ResolversParentTypes['Call'] };
  CallSid: Scalars['CallSid']['output'];
  Conference: ConferenceModel;
  Boolean: Scalars['Boolean']['output'];
  ConferenceConnection: Connection<ConferenceModel>;
  ConferenceEdge: Omit<ConferenceEdge, 'node'> & { node: ResolversParentTypes['Conference'] };
  ConferenceEvent: ResolversUnionTypes<ResolversParentTypes>['ConferenceEvent'];
  ConferenceFilter: ConferenceFilter;
  ConferenceOrder: ConferenceOrder;
  ConferenceSid: Scalars['ConferenceSid']['output'];
  ConferenceSnapshot: ConferenceSnapshotEvent;
  ConferenceStatusChanged: ConferenceStatusChangedEvent;
  Date: Scalars['Date']['output'];
  DateTime: Scalars['DateTime']['output'];
  EndConferenceInput: EndConferenceInput;
  EndConferencePayload: Omit<EndConferencePayload, 'conference' | 'hungUp' | 'userErrors'> & { conference?: Maybe<ResolversParentTypes['Conference']>, hungUp: ReadonlyArray<ResolversParentTypes['Call']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  HangUpParticipantInput: HangUpParticipantInput;
  HangUpParticipantPayload: Omit<HangUpParticipantPayload, 'call' | 'conference' | 'userErrors'> & { call?: Maybe<ResolversParentTypes['Call']>, conference?: Maybe<ResolversParentTypes['Conference']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  Mutation: Record<PropertyKey, never>;
  MuteConferenceInput: MuteConferenceInput;
  MuteConferencePayload: Omit<MuteConferencePayload, 'conference' | 'muted' | 'userErrors'> & { conference?: Maybe<ResolversParentTypes['Conference']>, muted: ReadonlyArray<ResolversParentTypes['Participant']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  MuteParticipantInput: MuteParticipantInput;
  MuteParticipantPayload: Omit<MuteParticipantPayload, 'participant' | 'userErrors'> & { participant?: Maybe<ResolversParentTypes['Participant']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  PageInfo: PageInfo;
  Participant: ParticipantModel;
  ParticipantChanged: ParticipantChangedEvent;
  ParticipantConnection: Connection<ParticipantModel>;
  ParticipantEdge: Omit<ParticipantEdge, 'node'> & { node: ResolversParentTypes['Participant'] };
  ParticipantFilter: ParticipantFilter;
  ParticipantJoined: ParticipantJoinedEvent;
  ParticipantLeft: ParticipantLeftEvent;
  Query: Record<PropertyKey, never>;
  Recording: RecordingModel;
  Float: Scalars['Float']['output'];
  RecordingSid: Scalars['RecordingSid']['output'];
  Subscription: Record<PropertyKey, never>;
  UnmuteParticipantInput: UnmuteParticipantInput;
  UnmuteParticipantPayload: Omit<UnmuteParticipantPayload, 'participant' | 'userErrors'> & { participant?: Maybe<ResolversParentTypes['Participant']>, userErrors: ReadonlyArray<ResolversParentTypes['UserError']> };
  UserError: Refusal;
};

export type AccountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Account'] = ResolversParentTypes['Account'], FederationReferenceType extends FederationReferenceTypes['Account'] = FederationReferenceTypes['Account']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Account']> | FederationReferenceType, FederationReferenceType, ContextType>;
  conferences?: Resolver<ResolversTypes['ConferenceConnection'], ParentType, ContextType, Partial<AccountConferencesArgs>>;
  dateCreated?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  dateUpdated?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  friendlyName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sid?: Resolver<ResolversTypes['AccountSid'], ParentType, ContextType>;
  status?: Resolver<Maybe<ResolversTypes['AccountStatus']>, ParentType, ContextType>;
  type?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  uri?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface AccountSidScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['AccountSid'], any> {
  name: 'AccountSid';
}

export type CallResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Call'] = ResolversParentTypes['Call'], FederationReferenceType extends FederationReferenceTypes['Call'] = FederationReferenceTypes['Call']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Call']> | FederationReferenceType, FederationReferenceType, ContextType>;
  accountSid?: Resolver<ResolversTypes['AccountSid'], ParentType, ContextType>;
  answeredBy?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  callerName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  dateCreated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dateUpdated?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  direction?: Resolver<ResolversTypes['CallDirection'], ParentType, ContextType>;
  duration?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  endTime?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  forwardedFrom?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  from?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  parentCallSid?: Resolver<Maybe<ResolversTypes['CallSid']>, ParentType, ContextType>;
  recordings?: Resolver<ReadonlyArray<ResolversTypes['Recording']>, ParentType, ContextType>;
  ringDuration?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  sid?: Resolver<ResolversTypes['CallSid'], ParentType, ContextType>;
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
  sid?: Resolver<ResolversTypes['ConferenceSid'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['ConferenceStatus'], ParentType, ContextType>;
  statusText?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
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

export type ConferenceStatusChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConferenceStatusChanged'] = ResolversParentTypes['ConferenceStatusChanged']> = {
  conference?: Resolver<ResolversTypes['Conference'], ParentType, ContextType>;
  previous?: Resolver<ResolversTypes['ConferenceStatus'], ParentType, ContextType>;
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
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type HangUpParticipantPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HangUpParticipantPayload'] = ResolversParentTypes['HangUpParticipantPayload']> = {
  call?: Resolver<Maybe<ResolversTypes['Call']>, ParentType, ContextType>;
  conference?: Resolver<Maybe<ResolversTypes['Conference']>, ParentType, ContextType>;
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
  muted?: Resolver<ReadonlyArray<ResolversTypes['Participant']>, ParentType, ContextType>;
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
  sid?: Resolver<ResolversTypes['RecordingSid'], ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface RecordingSidScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['RecordingSid'], any> {
  name: 'RecordingSid';
}

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  conferenceEvents?: SubscriptionResolver<ResolversTypes['ConferenceEvent'], "conferenceEvents", ParentType, ContextType, RequireFields<SubscriptionConferenceEventsArgs, 'conferenceId'>>;
  conferencesChanged?: SubscriptionResolver<ResolversTypes['Conference'], "conferencesChanged", ParentType, ContextType, Partial<SubscriptionConferencesChangedArgs>>;
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
  AccountSid?: GraphQLScalarType;
  Call?: CallResolvers<ContextType>;
  CallConnection?: CallConnectionResolvers<ContextType>;
  CallEdge?: CallEdgeResolvers<ContextType>;
  CallSid?: GraphQLScalarType;
  Conference?: ConferenceResolvers<ContextType>;
  ConferenceConnection?: ConferenceConnectionResolvers<ContextType>;
  ConferenceEdge?: ConferenceEdgeResolvers<ContextType>;
  ConferenceEvent?: ConferenceEventResolvers<ContextType>;
  ConferenceSid?: GraphQLScalarType;
  ConferenceSnapshot?: ConferenceSnapshotResolvers<ContextType>;
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
  RecordingSid?: GraphQLScalarType;
  Subscription?: SubscriptionResolvers<ContextType>;
  UnmuteParticipantPayload?: UnmuteParticipantPayloadResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};

