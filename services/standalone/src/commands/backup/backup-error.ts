import { AppError } from "@monotreme/errors";

/** A backup that cannot be made or used; the message says which file or folder and what to do. */
export class BackupError extends AppError {
  constructor(message: string, cause?: unknown) {
    super("BACKUP_REFUSED", "conflict", message, { cause });
  }
}
