import { expect, test } from "vitest";
import { pingAddressOf } from "./ping-address.ts";

const ID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278";
const byId = { id: ID };
const bySlug = { pingKey: "key", slug: "a-b_1" };

test.each<[path: string, expected: unknown]>([
  [ID, { check: byId, action: "success" }],
  [`${ID}/start`, { check: byId, action: "start" }],
  [`${ID}/fail`, { check: byId, action: "fail" }],
  [`${ID}/log`, { check: byId, action: "log" }],
  [`${ID}/0`, { check: byId, action: "success", exitStatus: 0 }],
  [`${ID}/255`, { check: byId, action: "fail", exitStatus: 255 }],
  [`${ID}/256`, "invalid url format"],
  [`${ID}/TERM`, { check: byId, action: "fail" }],
  [`${ID}/SIGKILL`, { check: byId, action: "fail" }],
  [`${ID}/RTMIN+3`, { check: byId, action: "fail" }],
  [`${ID}/other`, "not found"],
  [`${ID}/start/0`, "not found"],
  ["key/a-b_1", { check: bySlug, action: "success" }],
  ["key/a-b_1/start", { check: bySlug, action: "start" }],
  ["key/a-b_1/1", { check: bySlug, action: "fail", exitStatus: 1 }],
  ["key/a-b_1/ABRT", { check: bySlug, action: "fail" }],
  ["key/Upper", "invalid url format"],
  ["key/a b", "invalid url format"],
  ["key/a-b_1/nothing", "not found"],
  ["key", "not found"],
  [ID.toUpperCase(), "not found"],
])("ping address - /%s", (path, expected) => {
  expect(pingAddressOf(path.split("/"))).toEqual(expected);
});
