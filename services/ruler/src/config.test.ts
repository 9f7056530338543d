import { parseFlags } from "@monotreme/config";
import { describe, expect, test } from "vitest";
import { RULER_FLAGS } from "./config.ts";

function valuesOf(...argv: string[]) {
  return parseFlags(RULER_FLAGS, { argv, environment: {} }).values;
}

describe("ruler flags", () => {
  test("ruler flags - objects of Kubernetes are not followed unless asked for", () => {
    expect(valuesOf()).toMatchObject({
      kubernetesRules: false,
      kubernetesRuleNamespaces: [],
      kubernetesRuleSelector: "",
    });
    expect(valuesOf().kubernetesKubeconfigFile).toBeUndefined();
  });

  test("ruler flags - namespaces stand behind one another, each counts once", () => {
    const { kubernetesRules, kubernetesRuleNamespaces } = valuesOf(
      "--ruler.kubernetes.rules",
      "--ruler.kubernetes.namespaces=shop, web,shop,",
    );
    expect(kubernetesRules).toBe(true);
    expect(kubernetesRuleNamespaces).toEqual(["shop", "web"]);
  });

  test.each([
    ["--ruler.kubernetes.namespaces=shop,Web/..", '"Web/.." is no name of a namespace'],
    ["--ruler.kubernetes.rule-selector=team in a", "unable to parse requirement"],
  ])("ruler flags - %s is refused", (argument, message) => {
    expect(() => valuesOf(argument)).toThrow(message);
  });

  test("ruler flags - a selector is any that Kubernetes takes", () => {
    const text = "team=a,tier in (x,y),!draft";
    expect(valuesOf(`--ruler.kubernetes.rule-selector=${text}`).kubernetesRuleSelector).toBe(text);
  });
});
