import { AppError } from "@monotreme/errors";

/** Another ingester owns the partition by now: whatever is not written yet is its task. Never tried again. */
export class PartitionTakenError extends AppError {
  constructor(partition: number) {
    super(
      "INGESTER_PARTITION_TAKEN",
      "conflict",
      `partition ${partition} of the samples belongs to another ingester now`,
    );
  }
}
