import type { PlaceholderValues } from "./placeholders.ts";

/** What a channel says of a check. */
export interface ChannelMessage {
  readonly status: "up" | "down";
  readonly checkId: string;
  /** One line. */
  readonly title: string;
  /** Some lines: since when, what is expected, the end of what the job said. */
  readonly text: string;
  readonly flipMs: number;
  /** What tells one message from all others of the channel. */
  readonly id: string;
  /** Read when needed, for it has the last ping's whole body. */
  placeholders(): Promise<PlaceholderValues>;
}

/** Speaks to one channel. Holds connections only. */
export interface MessageSender {
  /** Rejects with a `DeliveryError` that says whether another try makes sense. */
  send(message: ChannelMessage, signal: AbortSignal): Promise<void>;
  close(): void;
}
