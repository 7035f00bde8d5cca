/**
 * @generated SignedSource<<4d6bfec39d9c8cad3c9e7a3afe7fe8fe>>
 * @lightSyntaxTransform
 * @codegen-command: npm run relay
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type UserErrorCode = "CALL_ENDED" | "CONFERENCE_NOT_FOUND" | "NOT_IN_PROGRESS" | "PARTICIPANT_NOT_FOUND" | "REFUSED" | "%future added value";
export type HangUpParticipantInput = {
  participantId: string;
};
export type conferencesHangUpMutation$variables = {
  connections: ReadonlyArray<string>;
  input: HangUpParticipantInput;
};
export type conferencesHangUpMutation$data = {
  readonly hangUpParticipant: {
    readonly removedParticipantId: string | null | undefined;
    readonly userErrors: ReadonlyArray<{
      readonly code: UserErrorCode;
    }>;
  } | null | undefined;
};
export type conferencesHangUpMutation = {
  response: conferencesHangUpMutation$data;
  variables: conferencesHangUpMutation$variables;
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
  "name": "removedParticipantId",
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
    "name": "conferencesHangUpMutation",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "HangUpParticipantPayload",
        "kind": "LinkedField",
        "name": "hangUpParticipant",
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
    "name": "conferencesHangUpMutation",
    "selections": [
      {
        "alias": null,
        "args": (v2/*:: as any*/),
        "concreteType": "HangUpParticipantPayload",
        "kind": "LinkedField",
        "name": "hangUpParticipant",
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
            "name": "removedParticipantId",
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
    "cacheID": "65f28dd98db4985dcd5790a5d8bd9d2d",
    "id": null,
    "metadata": {},
    "name": "conferencesHangUpMutation",
    "operationKind": "mutation",
    "text": "mutation conferencesHangUpMutation(\n  $input: HangUpParticipantInput!\n) {\n  hangUpParticipant(input: $input) {\n    removedParticipantId\n    userErrors {\n      code\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "d9bf824f42f97b7e8882b44afdc80040";

export default node;
