import { z } from "zod";
import { type Manifest, textOf } from "./strategic-merge.ts";

const labels = z.record(z.string(), z.string());
const metadata = z.looseObject({ name: z.string(), labels: labels.default({}) });
const portName = z.union([z.string(), z.number()]);
const keyRef = z.object({ name: z.string(), key: z.string() });

const env = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ secretKeyRef: keyRef.optional(), configMapKeyRef: keyRef.optional() }).loose().optional(),
});

const probe = z.looseObject({ httpGet: z.object({ path: z.string(), port: portName }).optional() });

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).default([]),
  env: z.array(env).default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() }).loose()).default([]),
  resources: z.object({ requests: labels, limits: labels }),
  securityContext: z.looseObject({}),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  lifecycle: z.looseObject({}).optional(),
});

const volume = z.looseObject({
  name: z.string(),
  configMap: z.object({ name: z.string() }).optional(),
  secret: z
    .looseObject({ secretName: z.string(), items: z.array(z.object({ key: z.string(), path: z.string() })) })
    .optional(),
});

const workload = z.object({
  kind: z.enum(["Deployment", "StatefulSet"]),
  metadata,
  spec: z.looseObject({
    replicas: z.number().optional(),
    serviceName: z.string().optional(),
    selector: z.object({ matchLabels: labels }),
    volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) }).loose()).default([]),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.looseObject({
        serviceAccountName: z.string().optional(),
        terminationGracePeriodSeconds: z.number().optional(),
        securityContext: z.looseObject({}),
        containers: z.array(container),
        volumes: z.array(volume).default([]),
      }),
    }),
  }),
});

const service = z.object({
  kind: z.literal("Service"),
  metadata,
  spec: z.looseObject({
    selector: labels,
    ports: z.array(z.object({ name: z.string(), port: z.number(), targetPort: portName })),
  }),
});

const configMap = z.object({ kind: z.literal("ConfigMap"), metadata, data: labels });

const selector = z.object({
  matchLabels: labels.default({}),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.literal("In"), values: z.array(z.string()) }))
    .default([]),
});

const peer = z.object({ podSelector: selector.optional(), namespaceSelector: selector.optional() });
const policyPort = z.object({ port: portName, protocol: z.string().optional() });

const networkPolicy = z.object({
  kind: z.literal("NetworkPolicy"),
  metadata,
  spec: z.object({
    podSelector: selector,
    policyTypes: z.array(z.enum(["Ingress", "Egress"])),
    ingress: z.array(z.object({ from: z.array(peer).optional(), ports: z.array(policyPort).optional() })).default([]),
    egress: z.array(z.object({ to: z.array(peer).optional(), ports: z.array(policyPort).optional() })).default([]),
  }),
});

export type Workload = z.infer<typeof workload>;
export type Container = z.infer<typeof container>;
export type Service = z.infer<typeof service>;
export type NetworkPolicy = z.infer<typeof networkPolicy>;
export type Labels = z.infer<typeof labels>;
type Selector = z.infer<typeof selector>;

/** The objects of a rendered overlay, by what they are. */
export interface Cluster {
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly configMaps: ReadonlyMap<string, Labels>;
  readonly networkPolicies: readonly NetworkPolicy[];
}

/** Reads what the checks look at; throws where it has not the form that they need. */
export function clusterFrom(objects: readonly Manifest[]): Cluster {
  const ofKind = <T>(schema: z.ZodType<T>, ...kinds: readonly string[]): T[] =>
    objects.filter(({ kind }) => kinds.includes(textOf(kind))).map((object) => schema.parse(object));
  return {
    workloads: ofKind(workload, "Deployment", "StatefulSet"),
    services: ofKind(service, "Service"),
    configMaps: new Map(ofKind(configMap, "ConfigMap").map((one) => [one.metadata.name, one.data])),
    networkPolicies: ofKind(networkPolicy, "NetworkPolicy"),
  };
}

/** Whether labels are those that a selector asks for. */
export function isSelected(own: Labels, { matchLabels, matchExpressions }: Partial<Selector>): boolean {
  const hasAll = Object.entries(matchLabels ?? {}).every(([key, value]) => own[key] === value);
  return hasAll && (matchExpressions ?? []).every(({ key, values }) => values.includes(own[key] ?? ""));
}

/** Put on every pod of a StatefulSet by Kubernetes. */
const POD_NAME = "statefulset.kubernetes.io/pod-name";

/** The workloads behind a service. */
export function behind(cluster: Cluster, { spec }: Service): Workload[] {
  const { [POD_NAME]: podName, ...matchLabels } = spec.selector;
  return cluster.workloads.filter(({ kind, metadata, spec: { template, replicas = 1 } }) => {
    const hasPod = Array.from({ length: replicas }, (_, i) => `${metadata.name}-${i}`).includes(podName ?? "");
    const isMeant = podName === undefined || (kind === "StatefulSet" && hasPod);
    return isMeant && isSelected(template.metadata.labels, { matchLabels });
  });
}

/** The number of a port of a pod, by its name or number; undefined where the pod has none such. */
export function portOf({ spec }: Workload, name: string | number): number | undefined {
  const ports = spec.template.spec.containers.flatMap((one) => one.ports);
  return ports.find((port) => port.name === name || port.containerPort === name)?.containerPort;
}

/** Whether the network policies let pods of one workload open a connection to a port of another's. */
export function isReachable({ networkPolicies }: Cluster, from: Workload, to: Workload, port: number): boolean {
  const [source, target] = [from.spec.template.metadata.labels, to.spec.template.metadata.labels];
  const isPort = (ports: readonly { port: string | number }[] | undefined): boolean =>
    ports === undefined || ports.some((one) => portOf(to, one.port) === port);
  const isPeer = (peers: readonly z.infer<typeof peer>[] | undefined, own: Labels): boolean =>
    peers === undefined || peers.some((one) => one.podSelector !== undefined && isSelected(own, one.podSelector));
  const holding = (own: Labels, type: "Ingress" | "Egress"): NetworkPolicy[] =>
    networkPolicies.filter(({ spec }) => spec.policyTypes.includes(type) && isSelected(own, spec.podSelector));
  const leaves = holding(source, "Egress").some(({ spec }) =>
    spec.egress.some((rule) => isPeer(rule.to, target) && isPort(rule.ports)),
  );
  const enters = holding(target, "Ingress").some(({ spec }) =>
    spec.ingress.some((rule) => isPeer(rule.from, source) && isPort(rule.ports)),
  );
  return leaves && enters;
}
