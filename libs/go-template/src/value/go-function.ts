import type { GoValue, TemplateValue } from "./go-value.ts";

/** A parameter's Go type: how errors call it, and how a value that the executor has checked is read. */
export interface ParameterType<T> {
  /** `string`, `[]string`, `interface {}`, … as Go prints it. */
  readonly typeName: string;
  read(value: GoValue): T;
}

/** The services that a function may use while it runs. */
export interface CallContext {
  /** Runs another template of the set and returns its text. */
  execute(name: string, data: TemplateValue): string;
  /** Throws TemplateLimitError where a string of that length would be too long. */
  checkLength(length: number): void;
}

/** A function or method that templates can call. */
export class GoFunction {
  /** Type names of the parameters; the last one repeats where `isVariadic`. */
  readonly params: readonly string[];
  readonly isVariadic: boolean;
  readonly #call: (args: readonly GoValue[], context: CallContext) => TemplateValue;

  constructor(
    params: readonly string[],
    isVariadic: boolean,
    call: (args: readonly GoValue[], context: CallContext) => TemplateValue,
  ) {
    this.params = params;
    this.isVariadic = isVariadic;
    this.#call = call;
  }

  /** Calls it with arguments that fit `params`. */
  call(args: readonly GoValue[], context: CallContext): TemplateValue {
    return this.#call(args, context);
  }
}

type Values<P extends readonly ParameterType<unknown>[]> = {
  [K in keyof P]: P[K] extends ParameterType<infer T> ? T : never;
};

function readAll<P extends readonly ParameterType<unknown>[]>(params: P, args: readonly GoValue[]): Values<P> {
  // The mapped tuple cannot be built piece by piece; `params` and the values it read have the same order and length.
  return params.map((param, i) => param.read(args[i])) as Values<P>;
}

/** A function with a fixed number of parameters. */
export function goFunction<const P extends readonly ParameterType<unknown>[]>(
  params: P,
  call: (...args: Values<P>) => TemplateValue,
): GoFunction {
  const names = params.map((param) => param.typeName);
  return new GoFunction(names, false, (args) => call(...readAll(params, args)));
}

/** A function whose last parameter may be given any number of times; `call` gets those as an array. */
export function goVariadic<const P extends readonly ParameterType<unknown>[], R>(
  params: P,
  rest: ParameterType<R>,
  call: (fixed: Values<P>, rest: readonly R[]) => TemplateValue,
): GoFunction {
  const names = [...params.map((param) => param.typeName), rest.typeName];
  return new GoFunction(names, true, (args) =>
    call(
      readAll(params, args),
      args.slice(params.length).map((arg) => rest.read(arg)),
    ),
  );
}
