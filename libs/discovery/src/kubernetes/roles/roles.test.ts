import { describe, expect, test } from "vitest";
import type { TargetGroup } from "../../target-group.ts";
import { objectKey } from "../objects/object-meta.ts";
import { type KeptObjects, type KindName, RESOURCE_KINDS } from "../objects/resource-kinds.ts";
import { buildEndpointSliceGroup } from "./endpoint-slice-role.ts";
import { buildEndpointsGroup } from "./endpoints-role.ts";
import { buildIngressGroup } from "./ingress-role.ts";
import { buildNodeGroup } from "./node-role.ts";
import { buildPodGroup } from "./pod-role.ts";
import { buildServiceGroup } from "./service-role.ts";
import type { BuildGroup, Surroundings } from "./surroundings.ts";

type Json = Readonly<Record<string, unknown>>;
type Others = Partial<Readonly<Record<KindName, readonly Json[]>>>;

const warnings: string[] = [];

/** The targets of an object as the API writes it, among others. */
function build<K extends KindName>(
  kind: K,
  role: BuildGroup<KeptObjects[K]>,
  object: Json,
  others: Others = {},
  options: { readonly attach?: Partial<Surroundings["attach"]>; readonly needsNode?: boolean } = {},
): TargetGroup | undefined {
  const surroundings: Surroundings = {
    attach: { node: false, namespace: false, deployment: false, job: false, cronjob: false, ...options.attach },
    needsNode: options.needsNode ?? false,
    find: (other, namespace, name) =>
      (others[other] ?? [])
        .map(RESOURCE_KINDS[other].read)
        .find((each) => objectKey(each.namespace, each.name) === objectKey(namespace, name)),
    warn: (message, of) => void warnings.push(`${message}: ${of}`),
  };
  return role(RESOURCE_KINDS[kind].read(object), surroundings);
}

/** Names without the prefix that all have. */
function short(labels: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels ?? {}).map(([name, value]) => [name.replace(/^__meta_kubernetes_/, ""), value]),
  );
}

const POD = {
  metadata: {
    name: "p",
    namespace: "ns",
    uid: "u",
    labels: { app: "a", "app.kubernetes.io/part-of": "x", empty: "" },
    annotations: { "prometheus.io/scrape": "true" },
    ownerReferences: [
      { kind: "Other", name: "o" },
      { kind: "ReplicaSet", name: "rs", controller: true },
    ],
  },
  spec: {
    nodeName: "n",
    containers: [
      {
        name: "c",
        image: "i:1",
        ports: [
          { name: "web", containerPort: 80, protocol: "TCP" },
          { containerPort: 81, protocol: "UDP" },
        ],
      },
      { name: "silent", image: "i:2" },
    ],
    initContainers: [{ name: "side", image: "i:3", ports: [{ name: "s", containerPort: 90, protocol: "TCP" }] }],
  },
  status: {
    podIP: "10.0.0.1",
    hostIP: "10.1.0.1",
    phase: "Running",
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [{ name: "c", containerID: "cri://1" }],
  },
};

const POD_LABELS = {
  pod_name: "p",
  pod_ip: "10.0.0.1",
  pod_host_ip: "10.1.0.1",
  pod_uid: "u",
  pod_node_name: "n",
  pod_phase: "Running",
  pod_ready: "false",
  pod_controller_kind: "ReplicaSet",
  pod_controller_name: "rs",
  pod_label_app: "a",
  pod_labelpresent_app: "true",
  pod_label_app_kubernetes_io_part_of: "x",
  pod_labelpresent_app_kubernetes_io_part_of: "true",
  pod_labelpresent_empty: "true",
  pod_annotation_prometheus_io_scrape: "true",
  pod_annotationpresent_prometheus_io_scrape: "true",
};

const NODE = {
  metadata: { name: "n", labels: { zone: "z" }, annotations: { note: "x" } },
  spec: { providerID: "cloud://1" },
  status: {
    addresses: [
      { type: "ExternalIP", address: "1.1.1.1" },
      { type: "InternalIP", address: "10.1.0.1" },
      { type: "InternalIP", address: "10.1.0.2" },
      { type: "Hostname", address: "host" },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
  },
};

const NAMESPACE = { metadata: { name: "ns", labels: { team: "t" }, annotations: { note: "y" } } };
const SERVICE = {
  metadata: { name: "s", namespace: "ns", labels: { app: "s" } },
  spec: {
    type: "ClusterIP",
    clusterIP: "10.2.0.1",
    ports: [
      { name: "web", port: 80, protocol: "TCP" },
      { port: 443, protocol: "TCP" },
    ],
  },
};
const SERVICE_LABELS = { service_name: "s", service_label_app: "s", service_labelpresent_app: "true" };

describe("pod role", () => {
  test("pod role - a target a port, one for a container without, all labels", () => {
    const group = build("pod", buildPodGroup, POD);
    expect(group?.source).toBe("pod/ns/p");
    expect(short(group?.labels)).toEqual({ namespace: "ns", ...POD_LABELS });
    const container = { pod_container_name: "c", pod_container_image: "i:1", pod_container_init: "false" };
    expect(group?.targets.map(short)).toEqual([
      {
        __address__: "10.0.0.1:80",
        ...container,
        pod_container_id: "cri://1",
        pod_container_port_name: "web",
        pod_container_port_number: "80",
        pod_container_port_protocol: "TCP",
      },
      {
        __address__: "10.0.0.1:81",
        ...container,
        pod_container_id: "cri://1",
        pod_container_port_number: "81",
        pod_container_port_protocol: "UDP",
      },
      {
        __address__: "10.0.0.1",
        pod_container_name: "silent",
        pod_container_image: "i:2",
        pod_container_init: "false",
      },
      {
        __address__: "10.0.0.1:90",
        pod_container_name: "side",
        pod_container_image: "i:3",
        pod_container_init: "true",
        pod_container_port_name: "s",
        pod_container_port_number: "90",
        pod_container_port_protocol: "TCP",
      },
    ]);
  });

  test("pod role - no targets without an address; IPv6 in brackets; readiness may be unknown", () => {
    expect(build("pod", buildPodGroup, { ...POD, status: { phase: "Pending" } })).toBeUndefined();
    const group = build("pod", buildPodGroup, { ...POD, status: { podIP: "fd00::1" } });
    expect(group?.targets[0]?.["__address__"]).toBe("[fd00::1]:80");
    expect(short(group?.labels)["pod_ready"]).toBe("unknown");
  });

  test("pod role - attached node and namespace", () => {
    const others = { node: [NODE], namespace: [NAMESPACE] };
    const labels = short(build("pod", buildPodGroup, POD, others, { attach: { node: true, namespace: true } })?.labels);
    expect(labels).toMatchObject({
      node_name: "n",
      node_label_zone: "z",
      node_labelpresent_zone: "true",
      node_annotation_note: "x",
      namespace_label_team: "t",
      namespace_labelpresent_team: "true",
      namespace_annotation_note: "y",
      namespace_annotationpresent_note: "true",
    });
    expect(short(build("pod", buildPodGroup, POD, others)?.labels)).not.toHaveProperty("node_name");
  });

  test("pod role - pods on nodes that are not selected are left out, and no others", () => {
    expect(build("pod", buildPodGroup, POD, {}, { needsNode: true })).toBeUndefined();
    expect(build("pod", buildPodGroup, POD, { node: [NODE] }, { needsNode: true })).toBeDefined();
    expect(build("pod", buildPodGroup, POD, {}, { attach: { node: true } })).toBeDefined();
  });

  test("pod role - the deployment, job and cron job behind the controller", () => {
    const ownedBy = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });
    const replicaset = [{ metadata: { name: "rs", namespace: "ns", ...ownedBy("Deployment", "web") } }];
    const attach = { deployment: true, job: true, cronjob: true };
    expect(short(build("pod", buildPodGroup, POD, { replicaset }, { attach })?.labels)["pod_deployment_name"]).toBe(
      "web",
    );
    expect(short(build("pod", buildPodGroup, POD, { replicaset })?.labels)).not.toHaveProperty("pod_deployment_name");
    const job = [{ metadata: { name: "j-1", namespace: "ns", ...ownedBy("CronJob", "j") } }];
    const jobPod = { ...POD, metadata: { ...POD.metadata, ...ownedBy("Job", "j-1") } };
    expect(short(build("pod", buildPodGroup, jobPod, { job }, { attach })?.labels)).toMatchObject({
      pod_job_name: "j-1",
      pod_cronjob_name: "j",
    });
  });

  test("pod role - whatever an object holds, it is read", () => {
    for (const odd of [{}, { metadata: null }, { metadata: [], spec: 1, status: "x" }, { status: { podIP: {} } }]) {
      expect(build("pod", buildPodGroup, odd)).toBeUndefined();
    }
    const odd = {
      spec: { containers: [null, { ports: [null, { containerPort: "x" }] }] },
      status: { podIP: "1.1.1.1" },
    };
    expect(build("pod", buildPodGroup, odd)?.targets).toHaveLength(3);
  });
});

describe("service role", () => {
  test("service role - a target a port by the name in the cluster", () => {
    const group = build("service", buildServiceGroup, SERVICE);
    expect(group?.source).toBe("svc/ns/s");
    expect(short(group?.labels)).toEqual({ namespace: "ns", ...SERVICE_LABELS });
    expect(group?.targets.map(short)).toEqual([
      {
        __address__: "s.ns.svc:80",
        service_port_name: "web",
        service_port_number: "80",
        service_port_protocol: "TCP",
        service_type: "ClusterIP",
        service_cluster_ip: "10.2.0.1",
      },
      expect.objectContaining({ __address__: "s.ns.svc:443", service_port_number: "443" }),
    ]);
  });

  test("service role - names and addresses outside of the cluster", () => {
    const of = (spec: Json) => short(build("service", buildServiceGroup, { ...SERVICE, spec })?.targets[0]);
    const ports = [{ port: 1 }];
    const external = of({ type: "ExternalName", externalName: "x.example", clusterIP: "", ports });
    expect(external).toMatchObject({ service_external_name: "x.example", service_type: "ExternalName" });
    expect(external).not.toHaveProperty("service_cluster_ip");
    expect(of({ type: "LoadBalancer", clusterIP: "1.1.1.1", loadBalancerIP: "2.2.2.2", ports })).toMatchObject({
      service_cluster_ip: "1.1.1.1",
      service_loadbalancer_ip: "2.2.2.2",
    });
  });
});

describe("endpoints role", () => {
  const ENDPOINTS = {
    metadata: { name: "s", namespace: "ns", labels: { own: "1" } },
    subsets: [
      {
        ports: [{ name: "web", port: 80, protocol: "TCP" }],
        addresses: [
          { ip: "10.0.0.1", nodeName: "n", hostname: "h", targetRef: { kind: "Pod", namespace: "ns", name: "p" } },
        ],
        notReadyAddresses: [{ ip: "10.0.0.9" }],
      },
    ],
  };

  test("endpoints role - addresses with their pods, and the pods' other ports", () => {
    const others = { service: [SERVICE], pod: [POD] };
    const group = build("endpoints", buildEndpointsGroup, ENDPOINTS, others);
    expect(group?.source).toBe("endpoints/ns/s");
    expect(short(group?.labels)).toEqual({
      namespace: "ns",
      endpoints_name: "s",
      endpoints_label_own: "1",
      endpoints_labelpresent_own: "true",
      ...SERVICE_LABELS,
    });
    const targets = group?.targets.map(short) ?? [];
    expect(targets.map((target) => target["__address__"])).toEqual([
      "10.0.0.1:80",
      "10.0.0.9:80",
      "10.0.0.1:81",
      "10.0.0.1:90",
    ]);
    expect(targets[0]).toEqual({
      __address__: "10.0.0.1:80",
      endpoint_port_name: "web",
      endpoint_port_protocol: "TCP",
      endpoint_ready: "true",
      endpoint_node_name: "n",
      endpoint_hostname: "h",
      endpoint_address_target_kind: "Pod",
      endpoint_address_target_name: "p",
      pod_container_name: "c",
      pod_container_image: "i:1",
      pod_container_init: "false",
      pod_container_port_name: "web",
      pod_container_port_number: "80",
      pod_container_port_protocol: "TCP",
      ...POD_LABELS,
    });
    expect(targets[1]).toEqual({
      __address__: "10.0.0.9:80",
      endpoint_port_name: "web",
      endpoint_port_protocol: "TCP",
      endpoint_ready: "false",
    });
    expect(targets[3]).toMatchObject({ pod_container_name: "side", pod_container_init: "true", pod_name: "p" });
  });

  test("endpoints role - a pod or service that is not known leaves its labels out", () => {
    const group = build("endpoints", buildEndpointsGroup, ENDPOINTS);
    expect(group?.targets).toHaveLength(2);
    expect(short(group?.targets[0])).not.toHaveProperty("pod_name");
  });

  test("endpoints role - a truncated object is warned of", () => {
    const annotations = { "endpoints.kubernetes.io/over-capacity": "truncated" };
    build("endpoints", buildEndpointsGroup, { ...ENDPOINTS, metadata: { ...ENDPOINTS.metadata, annotations } });
    expect(warnings).toContainEqual(expect.stringContaining("use the role endpointslice: ns/s"));
  });
});

describe("endpointslice role", () => {
  const SLICE = {
    metadata: { name: "s-1", namespace: "ns", labels: { "kubernetes.io/service-name": "s" } },
    addressType: "IPv4",
    ports: [{ name: "web", port: 80, protocol: "TCP", appProtocol: "http" }],
    endpoints: [
      {
        addresses: ["10.0.0.1", "10.0.0.2"],
        conditions: { ready: true, serving: true, terminating: false },
        hostname: "h",
        nodeName: "n",
        zone: "z",
        targetRef: { kind: "Pod", namespace: "ns", name: "p" },
        deprecatedTopology: { "topology.kubernetes.io/zone": "z" },
      },
      { addresses: ["10.0.0.3"], targetRef: { kind: "Node", name: "n" } },
    ],
  };

  test("endpointslice role - every address and port with what is known of it", () => {
    const others = { service: [SERVICE], pod: [POD], node: [NODE] };
    const group = build("endpointslice", buildEndpointSliceGroup, SLICE, others, { attach: { node: true } });
    expect(group?.source).toBe("endpointslice/ns/s-1");
    expect(short(group?.labels)).toEqual({
      namespace: "ns",
      endpointslice_address_type: "IPv4",
      endpointslice_name: "s-1",
      endpointslice_label_kubernetes_io_service_name: "s",
      endpointslice_labelpresent_kubernetes_io_service_name: "true",
      ...SERVICE_LABELS,
    });
    const targets = group?.targets.map(short) ?? [];
    expect(targets.map((target) => target["__address__"])).toEqual([
      "10.0.0.1:80",
      "10.0.0.2:80",
      "10.0.0.3:80",
      "10.0.0.1:81",
      "10.0.0.1:90",
    ]);
    expect(targets[0]).toMatchObject({
      endpointslice_port: "80",
      endpointslice_port_name: "web",
      endpointslice_port_protocol: "TCP",
      endpointslice_port_app_protocol: "http",
      endpointslice_endpoint_conditions_ready: "true",
      endpointslice_endpoint_conditions_serving: "true",
      endpointslice_endpoint_conditions_terminating: "false",
      endpointslice_endpoint_hostname: "h",
      endpointslice_endpoint_node_name: "n",
      endpointslice_endpoint_zone: "z",
      endpointslice_address_target_kind: "Pod",
      endpointslice_address_target_name: "p",
      endpointslice_endpoint_topology_topology_kubernetes_io_zone: "z",
      endpointslice_endpoint_topology_present_topology_kubernetes_io_zone: "true",
      node_name: "n",
      node_label_zone: "z",
      pod_container_name: "c",
      ...POD_LABELS,
    });
    expect(targets[2]).toMatchObject({ node_name: "n", endpointslice_address_target_kind: "Node" });
    expect(targets[2]).not.toHaveProperty("endpointslice_endpoint_conditions_ready");
  });

  test("endpointslice role - of a dual-stack service only the first family, of others all", () => {
    const dual = {
      ...SERVICE,
      spec: { ...SERVICE.spec, ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv6", "IPv4"] },
    };
    expect(build("endpointslice", buildEndpointSliceGroup, SLICE, { service: [dual] })).toBeUndefined();
    const single = { ...SERVICE, spec: { ...SERVICE.spec, ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv6"] } };
    expect(build("endpointslice", buildEndpointSliceGroup, SLICE, { service: [single] })).toBeDefined();
  });

  test("endpointslice role - a port without a number is any port, and no ports are no targets", () => {
    const anyPort = build("endpointslice", buildEndpointSliceGroup, { ...SLICE, ports: [{ name: "x" }] });
    expect(anyPort?.targets[0]?.["__address__"]).toBe("10.0.0.1");
    expect(build("endpointslice", buildEndpointSliceGroup, { ...SLICE, ports: null })?.targets).toEqual([]);
  });
});

describe("ingress role", () => {
  test("ingress role - a target a host and path, with the scheme that TLS makes", () => {
    const group = build("ingress", buildIngressGroup, {
      metadata: { name: "i", namespace: "ns", annotations: { a: "1" } },
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: ["*.example.com", "exact.org"] }],
        rules: [
          { host: "a.example.com", http: { paths: [{ path: "/x" }, {}] } },
          { host: "b.a.example.com" },
          { host: "exact.org", http: { paths: [{ path: "/" }] } },
        ],
      },
    });
    expect(short(group?.labels)).toEqual({
      namespace: "ns",
      ingress_name: "i",
      ingress_class_name: "nginx",
      ingress_annotation_a: "1",
      ingress_annotationpresent_a: "true",
    });
    const shown = group?.targets
      .map(short)
      .map((t) => `${t["ingress_scheme"]}://${t["__address__"]}${t["ingress_path"]}`);
    expect(shown).toEqual([
      "https://a.example.com/x",
      "https://a.example.com/",
      "http://b.a.example.com/",
      "https://exact.org/",
    ]);
  });
});

describe("node role", () => {
  test("node role - the kubelet at the first address of the preferred type", () => {
    const group = build("node", buildNodeGroup, NODE);
    expect(short(group?.labels)).toEqual({
      node_name: "n",
      node_provider_id: "cloud://1",
      node_label_zone: "z",
      node_labelpresent_zone: "true",
      node_annotation_note: "x",
      node_annotationpresent_note: "true",
    });
    expect(group?.targets.map(short)).toEqual([
      {
        __address__: "10.1.0.1:10250",
        instance: "n",
        node_address_InternalIP: "10.1.0.1",
        node_address_ExternalIP: "1.1.1.1",
        node_address_Hostname: "host",
      },
    ]);
  });

  test("node role - a node without an address is warned of", () => {
    expect(build("node", buildNodeGroup, { ...NODE, status: {} })).toBeUndefined();
    expect(warnings).toContain("node without an address: n");
  });
});
