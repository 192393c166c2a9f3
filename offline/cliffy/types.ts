/** The value types: what a text on the command line must look like. */
import { invalidValue } from "./errors.ts";

/** A text that was given, and for what. */
export interface ArgumentValue {
  label: string;
  type: string;
  name: string;
  value: string;
}

/** Turns a given text into a value. */
export interface Type<T> {
  /** @throws {ValidationError} if the text does not fit */
  parse(given: ArgumentValue): T;
  /** All values there are, for help and completion. */
  values?(): T[];
}

function refuse(given: ArgumentValue, expected?: readonly unknown[]): Error {
  const { label, name, type, value } = given;
  return invalidValue(
    label === "Argument" ? "Argument" : "Option",
    name,
    type,
    value,
    expected,
  );
}

/** One of a few values. */
export class EnumType<const T extends string | number | boolean>
  implements Type<T> {
  readonly #allowed: readonly T[];

  constructor(values: readonly T[] | Record<string, T>) {
    this.#allowed = Array.isArray(values) ? values : Object.values(values);
  }

  parse(given: ArgumentValue): T {
    const found = this.#allowed.find((value) => String(value) === given.value);
    if (found === undefined) throw refuse(given, this.#allowed);
    return found;
  }

  values(): T[] {
    return [...this.#allowed];
  }
}

function numberType(fits: (value: number) => boolean): Type<number> {
  return {
    parse(given) {
      const value = Number(given.value);
      if (given.value === "" || !fits(value)) throw refuse(given);
      return value;
    },
  };
}

const text: Type<string> = { parse: ({ value }) => value };

/** The types that every command knows. */
export const builtInTypes: Record<string, Type<unknown>> = {
  string: text,
  file: text,
  number: numberType(Number.isFinite),
  integer: numberType(Number.isInteger),
  boolean: {
    parse(given) {
      if (["1", "true"].includes(given.value)) return true;
      if (["0", "false"].includes(given.value)) return false;
      throw refuse(given, ["true", "false", "1", "0"]);
    },
    values: () => [true, false],
  },
};
