/**
 * @generated SignedSource<<edc2d579b4a8adf92f4a7e47fb7bb71c>>
 * @lightSyntaxTransform
 * @codegen-command: npm run relay
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ReaderFragment } from 'relay-runtime';
export type ConferenceStatus = "COMPLETED" | "FAILED" | "RUNNING_INITIALIZING" | "RUNNING_MODERATOR_ABSENT" | "RUNNING_MODERATOR_PRESENT" | "STOPPING" | "UNKNOWN" | "%future added value";
import type { FragmentRefs } from "relay-runtime";
export type conferences_conference$data = {
  readonly friendlyName: string | null | undefined;
  readonly id: string;
  readonly sid: string;
  readonly status: ConferenceStatus;
  readonly " $fragmentType": "conferences_conference";
};
export type conferences_conference$key = {
  readonly " $data"?: conferences_conference$data;
  readonly " $fragmentSpreads": FragmentRefs<"conferences_conference">;
};

import conferencesRefetchQuery_graphql from './conferencesRefetchQuery.graphql';

const node: ReaderFragment = {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": {
    "refetch": {
      "connection": null,
      "fragmentPathInResult": [
        "node"
      ],
      "operation": conferencesRefetchQuery_graphql,
      "identifierInfo": {
        "identifierField": "id",
        "identifierQueryVariableName": "id"
      }
    },
    "throwOnFieldError": true
  },
  "name": "conferences_conference",
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "sid",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "friendlyName",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "status",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "id",
      "storageKey": null
    }
  ],
  "type": "Conference",
  "abstractKey": null
};

(node as any).hash = "a68d5446b9abd258ede4feab87b975e5";

export default node;
