import { AppError } from "@monotreme/errors";

/** Codes of upstream's OpenAPI layer; those from 600 on are answered with HTTP 422. */
export const SCHEMA_CODES = { type: 601, required: 602, tooFewItems: 612 } as const;

/** A request that breaks the schema; answered as `{"code": …, "message": …}`, before anything is done. */
export class SchemaError extends AppError {
  readonly schemaCode: number;

  constructor(schemaCode: number, message: string) {
    super("ALERTMANAGER_SCHEMA", "invalid", message);
    this.schemaCode = schemaCode;
  }

  get httpStatus(): number {
    return this.schemaCode >= 600 ? 422 : this.schemaCode;
  }
}

/** A request of the right form that asks for something impossible; answered as a bare JSON string. */
export class BadRequestError extends AppError {
  constructor(message: string, cause?: unknown) {
    super("ALERTMANAGER_BAD_REQUEST", "invalid", message, { cause });
  }
}
