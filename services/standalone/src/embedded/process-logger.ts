/** What the embedded servers need of a logger: fields first, then a fixed phrase; pino's loggers fit. */
export interface ProcessLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
