import type { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseAltNames } from "./client-certificate.ts";

describe("client certificate", () => {
  test.each<[X509Certificate["subjectAltName"], readonly string[]]>([
    [undefined, []],
    ["DNS:a.example.org", ["a.example.org"]],
    [
      "DNS:a, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, email:me@example.org, URI:spiffe://a/b",
      ["a", "10.0.0.1", "::1", "me@example.org", "spiffe://a/b"],
    ],
    ["DirName:CN = x, DNS:a", ["a"]],
    ['DNS:"a, DNS:b", DNS:c', ["a, DNS:b", "c"]],
    ['URI:"http://a/\\"b"', ['http://a/"b']],
    ['DNS:a, othername:"x, DNS:admin"', ["a"]],
  ])("the names of %s", (text, names) => {
    expect(parseAltNames(text)).toEqual(names);
  });
});
