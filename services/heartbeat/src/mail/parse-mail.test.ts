import fc from "fast-check";
import { expect, test } from "vitest";
import { parseMail } from "./parse-mail.ts";

const mail = (...lines: string[]): Uint8Array => Buffer.from(lines.join("\r\n"), "utf8");

test.each<[name: string, bytes: Uint8Array, subject: string, text: string]>([
  ["plain", mail("Subject: Backup OK", "", "all well"), "Backup OK", "all well"],
  ["without a header", mail("", "all well"), "", "all well"],
  ["a folded subject", mail("Subject: one", "  two", "", ""), "one two", ""],
  ["raw UTF-8 in the subject", mail("Subject: fertig ✓", "", ""), "fertig ✓", ""],
  ["encoded words", mail("Subject: =?utf-8?B?ZmVy?= =?iso-8859-1?Q?tig_=FC?= x", "", ""), "fertig ü x", ""],
  [
    "quoted-printable",
    mail(
      "Content-Type: text/plain; charset=iso-8859-1",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "=FCber=",
      "morgen",
    ),
    "",
    "übermorgen",
  ],
  ["base64", mail("Content-Type: text/plain", "Content-Transfer-Encoding: BASE64", "", "RkFJ", "TEVE"), "", "FAILED"],
  ["an unknown charset", mail("Content-Type: text/plain; charset=x-none", "", "ü"), "", "ü"],
  ["HTML", mail("Content-Type: text/html", "", "<style>b{}</style><p>1 &lt; <b>2</b></p>"), "", "1 < 2"],
  [
    "alternatives and an attachment",
    mail(
      'Content-Type: multipart/mixed; boundary="a=b"',
      "",
      "preamble",
      "--a=b",
      "Content-Type: multipart/alternative; boundary=inner",
      "",
      "--inner",
      "",
      "plain",
      "--inner",
      "Content-Type: text/html",
      "",
      "<i>rich</i>",
      "--inner--",
      "--a=b",
      "Content-Type: text/plain",
      "Content-Disposition: attachment; filename=log",
      "",
      "attached",
      "--a=b--",
      "epilogue",
    ),
    "",
    "plain\r\nrich\r",
  ],
  ["a multipart without boundary", mail("Content-Type: multipart/mixed", "", "--x", "", "text"), "", ""],
])("mail - %s", (_name, bytes, subject, text) => {
  const parsed = parseMail(bytes);
  expect(parsed.subject).toBe(subject);
  expect(parsed.text.replaceAll("\r", "")).toBe(text.replaceAll("\r", ""));
});

test("mail - parts within parts without end are given up", () => {
  const nested = (depth: number): string =>
    `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n${depth === 0 ? "\ndeep" : nested(depth - 1)}`;
  expect(parseMail(Buffer.from(nested(3))).text).toContain("deep");
  expect(parseMail(Buffer.from(nested(50))).text).toBe("");
});

test.each(["<", "<style>", "=?", " ", "--b\n", "=\n"])(
  "mail - a megabyte of %j takes no longer than it should",
  (piece) => {
    const head = "Subject: x\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n";
    const startMs = performance.now();
    parseMail(Buffer.from(head + piece.repeat(2 ** 20 / piece.length)));
    expect(performance.now() - startMs).toBeLessThan(2000);
  },
);

test("mail - any bytes can be read", () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .stringMatching(/^(Content-Type: (multipart\/x; boundary=|text\/html)|Subject: =\?|--|\n|[a-z=<>?; ]){0,40}$/)
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(anything, (bytes) => {
      expect(parseMail(bytes).subject).toBeTypeOf("string");
    }),
  );
});
