/**
 * @generated SignedSource<<1a417ce841afbf7fddc6404e318b570e>>
 * @lightSyntaxTransform
 * @codegen-command: npm run relay
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type UserErrorCode = "CALL_ENDED" | "CONFERENCE_NOT_FOUND" | "NOT_IN_PROGRESS" | "PARTICIPANT_NOT_FOUND" | "REFUSED" | "%future added value";
export type EndConferenceInput = {
  conferenceId: string;
};
export type conferencesEndMutation$variables = {
  connections: ReadonlyArray<string>;
  input: EndConferenceInput;
};
export type conferencesEndMutation$data = {
  readonly endConference: {
    readonly removedParticipantIds: ReadonlyArray<string>;
    readonly userErrors: ReadonlyArray<{
      readonly code: UserErrorCode;
    }>;
  } | null | undefined;
};
export type conferencesEndMutation = {
  response: conferencesEndMutation$data;
  variables: conferencesEndMutation$variables;
};

const node: ConcreteRequest = (function(){
var v0 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "connections"
},
v1 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "input"
},
v2 = [
  {
    "kind": "Variable",
    "name": "input",
    "variableName": "input"
  }
],
v3 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "removedParticipantIds",
  "storageKey": null
},
v4 = {
  "alias": null,
  "args": null,
  "concreteType": "UserError",
  "kind": "LinkedField",
  "name": "userErrors",
  "plural": true,
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "code",
      "storageKey": null
    }
  ],
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": [
      (v0/*:: as any*/),
      (v1/*:: as any*/)
    ],
    "kind": "Fragment",
    "metadata": null,
    "name": "conferencesEndMutation",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "EndConferencePayload",
        "kind": "LinkedField",
        "name": "endConference",
        "plural": false,
        "selections": [
          (v3/*:: as any*/),
          (v4/*:: as any*/)
        ],
        "storageKey": null
      }
    ],
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v1/*:: as any*/),
      (v0/*:: as any*/)
    ],
    "kind": "Operation",
    "name": "conferencesEndMutation",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "EndConferencePayload",
        "kind": "LinkedField",
        "name": "endConference",
        "plural": false,
        "selections": [
          (v3/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "filters": null,
            "handle": "deleteEdge",
            "key": "",
            "kind": "ScalarHandle",
            "name": "removedParticipantIds",
            "handleArgs": [
              {
                "kind": "Variable",
                "name": "connections",
                "variableName": "connections"
              }
            ]
          },
          (v4/*:: as any*/)
        ],
        "storageKey": null
      }
    ]
  },
  "params": {
    "cacheID": "38d66d6cf16a341974efdd0816a482d1",
    "id": null,
    "metadata": {},
    "name": "conferencesEndMutation",
    "operationKind": "mutation",
    "text": "mutation conferencesEndMutation(\n  $input: EndConferenceInput!\n) {\n  endConference(input: $input) {\n    removedParticipantIds\n    userErrors {\n      code\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "3a3eb72cdf6eca2ae4110a4f24bad05a";

export default node;
