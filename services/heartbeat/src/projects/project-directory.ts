import { hashKey, type Project } from "./project.ts";

/** The projects of now, found by whatever opens them. */
export class ProjectDirectory {
  readonly #byId = new Map<string, Project>();
  readonly #byPingKey = new Map<string, Project>();
  readonly #byApiKey = new Map<string, Access>();

  /** Replaces all projects. */
  use(projects: Iterable<Project>): void {
    this.#byId.clear();
    this.#byPingKey.clear();
    this.#byApiKey.clear();
    for (const project of projects) {
      this.#byId.set(project.id, project);
      if (project.pingKeyHash !== undefined) this.#byPingKey.set(project.pingKeyHash, project);
      const { apiKeyHash, readonlyApiKeyHash } = project;
      if (readonlyApiKeyHash !== undefined) this.#byApiKey.set(readonlyApiKeyHash, { project, isReadonly: true });
      if (apiKeyHash !== undefined) this.#byApiKey.set(apiKeyHash, { project, isReadonly: false });
    }
  }

  all(): Project[] {
    return [...this.#byId.values()];
  }

  get(id: string): Project | undefined {
    return this.#byId.get(id);
  }

  withPingKey(key: string): Project | undefined {
    return this.#byPingKey.get(hashKey(key));
  }

  withApiKey(key: string): Access | undefined {
    return this.#byApiKey.get(hashKey(key));
  }
}

/** What an API key opens. */
export interface Access {
  readonly project: Project;
  readonly isReadonly: boolean;
}
