export { AppError, type AppErrorOptions, type ErrorKind, messageOf } from "./app-error.ts";
export { ERROR_BEHAVIOUR, type ErrorBehaviour } from "./behaviour.ts";
