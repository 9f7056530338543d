import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@monotreme/errors";
import type { HttpClientConfig, KubernetesDiscoveryConfig } from "@monotreme/prometheus-config";
import { connectionFromKubeconfig } from "./kubeconfig.ts";
import { KubernetesApiError } from "./kubernetes-api-error.ts";

/** Where an API server is and how it is asked. */
export interface Connection {
  readonly server: string;
  readonly http: HttpClientConfig;
}

/** Where Kubernetes puts a pod's token, certificate authority and namespace. */
export const SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What a process knows of the pod that it runs in. */
export interface PodSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly serviceAccountFolder: string;
}

/** The connection that a configuration asks for: a given server, a kubeconfig, or else the pod's service account. */
export async function connectionOf(config: KubernetesDiscoveryConfig, pod: PodSurroundings): Promise<Connection> {
  if (config.kubeconfigFile !== undefined) return connectionFromKubeconfig(config.kubeconfigFile);
  if (config.apiServer !== undefined) return { server: config.apiServer, http: config.http };
  return inClusterConnection(pod);
}

function inClusterConnection({ environment, serviceAccountFolder }: PodSurroundings): Connection {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = environment;
  if (host === "" || port === "") {
    throw new KubernetesApiError(
      "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; give api_server or kubeconfig_file",
      0,
    );
  }
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    http: {
      basicAuth: undefined,
      // Read again for each request, because Kubernetes replaces it hourly.
      authorization: {
        type: "Bearer",
        credentials: undefined,
        credentialsFile: join(serviceAccountFolder, "token"),
      },
      tls: {
        ca: undefined,
        caFile: join(serviceAccountFolder, "ca.crt"),
        cert: undefined,
        certFile: undefined,
        key: undefined,
        keyFile: undefined,
        serverName: undefined,
        insecureSkipVerify: false,
        minVersion: undefined,
        maxVersion: undefined,
      },
      followRedirects: true,
      headers: {},
    },
  };
}

/** The namespace of the pod that this process runs in. */
export async function readOwnNamespace({ serviceAccountFolder }: PodSurroundings): Promise<string> {
  try {
    return (await readFile(join(serviceAccountFolder, "namespace"), "utf8")).trim();
  } catch (error) {
    throw new KubernetesApiError(`could not determine the pod's namespace: ${messageOf(error)}`, 0, 0, error);
  }
}
