import type { Clock } from "@monotreme/clock";
import { checkKubernetesApi, createKubernetesApi, FollowedResource } from "@monotreme/discovery";
import { AppError, messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { FollowCallbacks, FollowedRuleObjects } from "./object-rules.ts";
import { readRuleObject } from "./rule-object.ts";

/** Which PrometheusRules are followed, and by whom. */
export interface KubernetesRuleSettings {
  readonly kubernetesRules: boolean;
  /** Empty for all. */
  readonly kubernetesRuleNamespaces: readonly string[];
  readonly kubernetesRuleSelector: string;
  /** Where there is none, the process runs in a pod. */
  readonly kubernetesKubeconfigFile?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Objects are to be followed, and nothing leads to an API server. */
export class KubernetesRulesUnreachableError extends AppError {
  constructor(reason: string, cause: unknown) {
    super(
      "KUBERNETES_RULES_UNREACHABLE",
      "invalid",
      `--ruler.kubernetes.rules needs a pod with a service account or --ruler.kubernetes.kubeconfig-file: ${reason}`,
      { cause },
    );
  }
}

/** Throws `KUBERNETES_RULES_UNREACHABLE` where objects are to be followed and there are no credentials for it. */
export async function checkRuleObjects(settings: KubernetesRuleSettings, environment: Environment): Promise<void> {
  if (!settings.kubernetesRules) return;
  try {
    await checkKubernetesApi({ kubeconfigFile: settings.kubernetesKubeconfigFile }, { environment });
  } catch (error) {
    throw new KubernetesRulesUnreachableError(messageOf(error), error);
  }
}

/** The objects that settings name, not followed before `start`. */
export function followRuleObjects(
  settings: KubernetesRuleSettings,
  context: {
    readonly environment: Environment;
    readonly userAgent: string;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): (callbacks: FollowCallbacks) => FollowedRuleObjects {
  const api = createKubernetesApi({ kubeconfigFile: settings.kubernetesKubeconfigFile }, context);
  return (callbacks) =>
    new FollowedResource({
      ...callbacks,
      api,
      version: "apis/monitoring.coreos.com/v1",
      plural: "prometheusrules",
      namespaces: settings.kubernetesRuleNamespaces,
      labelSelector: settings.kubernetesRuleSelector,
      read: readRuleObject,
      clock: context.clock,
      random: Math.random,
      logger: context.logger,
    });
}
