import { describe, expect, test } from "vitest";
import { parseKubeconfig } from "./kubeconfig.ts";

function config(cluster: string, user: string): string {
  return `current-context: here
contexts: [{name: here, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: 'https://k:6443'${cluster}}}]
users: [{name: u, user: {${user}}}]
`;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("kubeconfig", () => {
  test("kubeconfig - certificates as data or as files beside it", () => {
    const data = config(
      `, certificate-authority-data: ${base64("CA")}, tls-server-name: name`,
      `client-certificate-data: ${base64("CERT")}, client-key-data: ${base64("KEY")}`,
    );
    const { server, http } = parseKubeconfig(data, "/etc/kube/config");
    expect(server).toBe("https://k:6443");
    expect(http.tls).toMatchObject({ ca: "CA", cert: "CERT", serverName: "name", insecureSkipVerify: false });
    expect(http.tls?.key?.reveal()).toBe("KEY");
    const files = parseKubeconfig(
      config(", certificate-authority: ca.pem", "client-key: /abs/key.pem"),
      "/etc/kube/config",
    );
    expect(files.http.tls).toMatchObject({ ca: undefined, caFile: "/etc/kube/ca.pem", keyFile: "/abs/key.pem" });
  });

  test("kubeconfig - a token, a token's file before it, or a user and password", () => {
    const http = (user: string) => parseKubeconfig(config("", user), "/k/config").http;
    expect(http("token: t").authorization?.credentials?.reveal()).toBe("t");
    expect(http("token: t, tokenFile: f").authorization).toMatchObject({
      credentialsFile: "/k/f",
      credentials: undefined,
    });
    expect(http("username: a, password: b").basicAuth).toMatchObject({ username: "a" });
    expect(http("").authorization).toBeUndefined();
  });

  const f = (name: string, text: string, fault: string) =>
    test(`kubeconfig - fault: ${name}`, () => expect(() => parseKubeconfig(text, "/k/config")).toThrow(fault));
  f("no context", config("", "").replace("current-context: here", ""), 'contexts has no ""');
  f("another context", config("", "").replace("current-context: here", "current-context: x"), 'contexts has no "x"');
  f("no such cluster", config("", "").replace("cluster: c", "cluster: d"), 'clusters has no "d"');
  f("no server", config("", "").replace("https://k:6443", ""), "the cluster's server is no URL");
  f("a program", config("", "exec: {command: aws}"), "exec or auth-provider are not supported");
  f("no YAML", "a: [", "broken YAML");
  f("a text", "hello", 'contexts has no ""');

  test("kubeconfig - no fault shows a secret", () => {
    const broken = `${config("", "token: hunter2")}  bad: [`;
    expect(() => parseKubeconfig(broken, "/k/config")).toThrow(/^(?!.*hunter2)/s);
  });
});
