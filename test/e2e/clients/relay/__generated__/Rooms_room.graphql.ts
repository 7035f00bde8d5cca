/**
 * @generated SignedSource<<9b2ee20a5e6000773c92733de3bf75b0>>
 * @lightSyntaxTransform
 * @codegen-command: npm run relay
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ReaderFragment } from 'relay-runtime';
export type ConferenceStatus = "COMPLETED" | "FAILED" | "RUNNING_INITIALIZING" | "RUNNING_MODERATOR_ABSENT" | "RUNNING_MODERATOR_PRESENT" | "STOPPING" | "UNKNOWN" | "%future added value";
import type { FragmentRefs } from "relay-runtime";
export type Rooms_room$data = {
  readonly friendlyName: string | null | undefined;
  readonly id: string;
  readonly sid: string;
  readonly status: ConferenceStatus;
  readonly " $fragmentType": "Rooms_room";
};
export type Rooms_room$key = {
  readonly " $data"?: Rooms_room$data;
  readonly " $fragmentSpreads": FragmentRefs<"Rooms_room">;
};

import RoomsRefetchQuery_graphql from './RoomsRefetchQuery.graphql';

const node: ReaderFragment = {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": {
    "refetch": {
      "connection": null,
      "fragmentPathInResult": [
        "node"
      ],
      "operation": RoomsRefetchQuery_graphql,
      "identifierInfo": {
        "identifierField": "id",
        "identifierQueryVariableName": "id"
      }
    }
  },
  "name": "Rooms_room",
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

(node as any).hash = "765165c2dcb9fe5a6c64b96c61b9c54c";

export default node;
