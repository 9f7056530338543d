import { AppError } from "@monotreme/errors";

/** A message that is no sample batch, or a broken one; it goes to the dead letters. */
export class SampleBatchError extends AppError {
  constructor(reason: string) {
    super("SAMPLE_BATCH_INVALID", "invalid", `not a readable sample batch: ${reason}`);
  }
}
