import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@monotreme/errors";
import type { HttpClientConfig } from "@monotreme/prometheus-config";
import { connectionFromKubeconfig } from "./kubeconfig.ts";
import { KubernetesApiError } from "./kubernetes-api-error.ts";

/** Where an API server is and how it is asked. */
export interface Connection {
  readonly server: string;
  readonly http: HttpClientConfig;
}

/** How the API server is found: a kubeconfig, a server with its credentials, or the pod's own where neither is given. */
export interface ConnectionSettings {
  readonly kubeconfigFile?: string | undefined;
  readonly apiServer?: string | undefined;
  readonly http?: HttpClientConfig;
}

/** Where Kubernetes puts a pod's token, certificate authority and namespace. */
export const SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What a process knows of the pod that it runs in. */
export interface PodSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly serviceAccountFolder: string;
}

/** The connection that a configuration asks for: a given server, a kubeconfig, or else the pod's service account. */
export async function connectionOf(
  { kubeconfigFile, apiServer, http }: ConnectionSettings,
  pod: PodSurroundings,
): Promise<Connection> {
  if (kubeconfigFile !== undefined) return connectionFromKubeconfig(kubeconfigFile);
  if (apiServer !== undefined && http !== undefined) return { server: apiServer, http };
  return inClusterConnection(pod);
}

/** Rejects where the settings lead to no API server: a faulty kubeconfig, or no pod with a service account. */
export async function checkConnection(settings: ConnectionSettings, pod: PodSurroundings): Promise<void> {
  const { http } = await connectionOf(settings, pod);
  const tokenFile = http.authorization?.credentialsFile;
  if (tokenFile === undefined) return;
  try {
    await access(tokenFile, constants.R_OK);
  } catch (error) {
    throw new KubernetesApiError(`no credentials: ${messageOf(error)}`, 0, 0, error);
  }
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
