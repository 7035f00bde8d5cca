import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  emitLegacyCommonJSImports: false,
  importExtension: '.ts',
  generates: {
    'src/generated/types.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        federation: true,
        // Resolvers return non-null values for these fields, or throw.
        customDirectives: { semanticNonNull: true },
        useTypeImports: true,
        enumsAsTypes: true,
        immutableTypes: true,
        contextType: '../context.ts#Context',
        mappers: {
          Account: '../model.ts#Account as AccountModel',
          Conference: '../model.ts#Conference as ConferenceModel',
          Participant: '../model.ts#Participant as ParticipantModel',
          Call: '../model.ts#Call as CallModel',
          Recording: '../model.ts#Recording as RecordingModel',
          UserError: '../commands/userErrors.ts#UserError as UserErrorModel',
          AccountSnapshot: '../live/events.ts#AccountSnapshot as AccountSnapshotEvent',
          ConferenceStarted: '../live/events.ts#ConferenceStarted as ConferenceStartedEvent',
          ConferenceEnded: '../live/events.ts#ConferenceEnded as ConferenceEndedEvent',
          ConferenceSnapshot: '../live/events.ts#ConferenceSnapshot as ConferenceSnapshotEvent',
          ConferenceChanged: '../live/events.ts#ConferenceChanged as ConferenceChangedEvent',
          ConferenceStatusChanged: '../live/events.ts#ConferenceStatusChanged as ConferenceStatusChangedEvent',
          ParticipantJoined: '../live/events.ts#ParticipantJoined as ParticipantJoinedEvent',
          ParticipantLeft: '../live/events.ts#ParticipantLeft as ParticipantLeftEvent',
          ParticipantChanged: '../live/events.ts#ParticipantChanged as ParticipantChangedEvent',
          ConferenceConnection: '../relay/connection.ts#Connection<ConferenceModel | Error>',
          ParticipantConnection: '../relay/connection.ts#Connection<ParticipantModel | Error>',
          CallConnection: '../relay/connection.ts#Connection<CallModel | Error>',
        },
        // GraphQL.js raises an error that a resolver returns.
        resolverTypeWrapperSignature: 'Promise<T | Error> | T | Error',
        scalars: {
          DateTime: 'string',
          Date: 'string',
          Sid: 'string',
          AccountSid: 'string',
          ConferenceSid: 'string',
          CallSid: 'string',
        },
      },
    },
  },
}

export default config
