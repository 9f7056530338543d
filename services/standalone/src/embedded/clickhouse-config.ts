import type { Tiers, Volume } from "@monotreme/retention";

const MEBIBYTE = 1024 ** 2;

export interface ClickHouseConfigSettings {
  readonly usersFile: string;
  /** All queries, merges and caches together; half of the machine's (or the container's) memory when not given. */
  readonly maxMemoryBytes?: number;
  /** Disks beside the server's own, and the storage policy of all of them. */
  readonly tiers?: Tiers | undefined;
}

/**
 * ClickHouse's server settings for a small machine that it shares: caches of a few MiB in place of several GiB (the page
 * cache does their work), few threads kept, no more merges at once than there are cores.
 */
export function clickHouseConfig(settings: ClickHouseConfigSettings): string {
  const { maxMemoryBytes, tiers } = settings;
  return xml({
    ...(maxMemoryBytes === undefined
      ? { max_server_memory_usage_to_ram_ratio: 0.5 }
      : { max_server_memory_usage: maxMemoryBytes }),
    mark_cache_size: 32 * MEBIBYTE,
    primary_index_cache_size: 32 * MEBIBYTE,
    index_mark_cache_size: 8 * MEBIBYTE,
    uncompressed_cache_size: 0,
    index_uncompressed_cache_size: 0,
    compiled_expression_cache_size: 16 * MEBIBYTE,
    compiled_expression_cache_elements_size: 1000,
    mmap_cache_size: 0,
    max_thread_pool_free_size: 8,
    max_io_thread_pool_size: 8,
    max_io_thread_pool_free_size: 0,
    max_active_parts_loading_thread_pool_size: 4,
    max_outdated_parts_loading_thread_pool_size: 2,
    max_parts_cleaning_thread_pool_size: 2,
    prefetch_threadpool_pool_size: 2,
    load_marks_threadpool_pool_size: 2,
    threadpool_local_fs_reader_pool_size: 4,
    background_pool_size: 2,
    background_common_pool_size: 2,
    background_schedule_pool_size: 4,
    keep_alive_timeout: 60,
    users_config: settings.usersFile,
    ...(tiers !== undefined && tiers.volumes.length > 0 && { storage_configuration: storageConfiguration(tiers) }),
  });
}

/**
 * Two users. `monotreme` may do everything and has the password. `default` is what clickhouse-local itself logs in as,
 * always without a password: it may open the HTTP port and hold its one query, and read no table of ours and no file.
 */
export function clickHouseUsers(password: string): string {
  const common = { networks: { ip: "127.0.0.1" }, profile: "default", quota: "default" };
  return xml({
    profiles: { default: {} },
    quotas: { default: {} },
    users: {
      monotreme: { password, ...common },
      default: {
        password: "",
        ...common,
        grants: { query: ["GRANT SYSTEM LISTEN ON *.*", "GRANT SELECT ON system.numbers"] },
      },
    },
  });
}

/** One disk a volume. New parts go to the server's own disk, and only we move them: ClickHouse itself would when it is full. */
function storageConfiguration({ policyName, volumes }: Tiers): Node {
  const ofVolumes = volumes.map(({ name }): [string, Node] => [name, { disk: name }]);
  return {
    disks: Object.fromEntries(volumes.map((volume) => [volume.name, diskOf(volume)])),
    policies: {
      [policyName]: { volumes: { default: { disk: "default" }, ...Object.fromEntries(ofVolumes) }, move_factor: 0 },
    },
  };
}

function diskOf({ place }: Volume): Node {
  if ("path" in place) return { path: place.path };
  const { endpoint, region, accessKeyId, secretAccessKey } = place.s3;
  return {
    type: "s3",
    endpoint,
    ...(region !== undefined && { region }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? { use_environment_credentials: 1 }
      : { access_key_id: accessKeyId.reveal(), secret_access_key: secretAccessKey.reveal() }),
    // The server starts, and answers what is on its own disk, while the store is away.
    skip_access_check: 1,
  };
}

type Node = string | number | readonly string[] | { readonly [name: string]: Node };

function xml(root: { readonly [name: string]: Node }): string {
  return element("clickhouse", root);
}

function element(name: string, node: Node): string {
  if (typeof node === "string" || typeof node === "number") return `<${name}>${escape(String(node))}</${name}>\n`;
  if (isList(node)) return node.map((item) => element(name, item)).join("");
  const children = Object.entries(node).map(([child, value]) => element(child, value));
  return `<${name}>\n${children.join("")}</${name}>\n`;
}

function isList(node: Node): node is readonly string[] {
  return Array.isArray(node);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
