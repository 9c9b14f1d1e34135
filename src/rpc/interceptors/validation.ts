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

export const createRequestValidators = (): RequestValidators => ({
  first: createValidator({ failFast: true }),
  all: createValidator(),
});

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

/** Compiles the rules of every method's request: the first use of each costs milliseconds, which no caller should pay. */
export function warmUp(validators: RequestValidators, methods: readonly ServedMethod[]): void {
  for (const { descriptor } of methods) {
    for (const validator of [validators.first, validators.all]) {
      const result = validator.validate(descriptor.input, create(descriptor.input));
      if (result.kind === "error") throw result.error;
    }
  }
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
