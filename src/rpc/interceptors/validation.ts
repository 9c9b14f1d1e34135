import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { createValidator, type Validator, type Violation } from "@bufbuild/protovalidate";
import { TiffinError } from "../../errors.ts";
import { errorBounds } from "../error-details.ts";
import { toFieldViolation } from "../field-violation.ts";
import type { ServedMethod } from "../served-method.ts";
import type { InterceptorFactory } from "./interceptor.ts";

export interface ValidationOptions {
  readonly validators: RequestValidators;
}

/** The first violation answers most mistakes; all of them are looked for only where that is cheap. */
export interface RequestValidators {
  readonly first: Validator;
  readonly all: Validator;
}

export function createRequestValidators(): RequestValidators {
  // The patterns are the contract's own, and plain: they need neither RE2's guarantees nor the time it takes to load.
  const regexMatch = createMatcher();
  return {
    first: createValidator({ failFast: true, regexMatch }),
    all: createValidator({ regexMatch }),
  };
}

function createMatcher(): (pattern: string, against: string) => boolean {
  const compiled = new Map<string, RegExp>();
  return (pattern, against) => {
    let expression = compiled.get(pattern);
    if (expression === undefined) {
      expression = new RegExp(pattern, "u");
      compiled.set(pattern, expression);
    }
    return expression.test(against);
  };
}

/** A request with more list elements than this gets its first violation named only: each of millions could be one. */
const listItemsMax = 1000;

/** Holds requests against the rules written in the contract. */
export const validation =
  ({ validators }: ValidationOptions): InterceptorFactory =>
  (method) => {
    if (method === undefined) return undefined;
    const schema = method.descriptor.input;
    return {
      check(_exchange, request) {
        const result = validators.first.validate(schema, request);
        if (result.kind === "valid") return;
        if (result.kind === "error") throw result.error;
        throw violated(allOf(validators, schema, request) ?? result.violations, request);
      },
    };
  };

/**
 * Compiles the rules of every method's request: the first use of each costs milliseconds, which no caller should pay.
 * Those that name every violation can wait until it serves, one method at a time: only a mistaken call needs them.
 */
export function warmUp(validators: RequestValidators, methods: readonly ServedMethod[]): void {
  for (const method of methods) compile(validators.first, method);
  const waiting = [...methods];
  const compileNext = (): void => {
    const method = waiting.shift();
    if (method === undefined) return;
    compile(validators.all, method);
    setImmediate(compileNext).unref();
  };
  setTimeout(compileNext, idleMs).unref();
}

/** Long enough for the listeners to be open, whatever the machine does. */
const idleMs = 1000;

function compile(validator: Validator, { descriptor }: ServedMethod): void {
  const result = validator.validate(descriptor.input, create(descriptor.input));
  if (result.kind === "error") throw result.error;
}

function allOf(
  validators: RequestValidators,
  schema: DescMessage,
  request: Message,
): Violation[] | undefined {
  if (listItems(schema, request) > listItemsMax) return undefined;
  return validators.all.validate(schema, request).violations;
}

function listItems(schema: DescMessage, request: Message): number {
  const reflected = reflect(schema, request);
  let items = 0;
  for (const field of schema.fields) {
    if (field.fieldKind === "list") items += reflected.get(field).size;
  }
  return items;
}

function violated(violations: readonly Violation[], request: Message): TiffinError {
  const reported = violations
    .slice(0, errorBounds.violations)
    .map((violation) => toFieldViolation(violation, request));
  const [first] = reported;
  const message = reported.map(({ field, description }) => `${field}: ${description}`).join("; ");
  return new TiffinError("invalid_field", message, {
    metadata: {
      field: first?.field ?? "",
      ...(first?.value !== undefined && { value: first.value }),
    },
    violations: reported,
  });
}
