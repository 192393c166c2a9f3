/**
 * How the types of options and arguments follow from their definitions:
 * `"-p, --port <port:integer>"` makes `{ port?: number }`. A simplified form of
 * what `@cliffy/command` infers, so that the same code checks against both.
 */

/** What the built-in type names stand for. */
export type BuiltInTypes = {
  string: string;
  number: number;
  integer: number;
  boolean: boolean;
  file: string;
};

/** Both sets of properties; `void` stands for none. */
export type Merge<L, R> = [L] extends [void] ? R
  : [R] extends [void] ? L
  : L & R;

/** One flat object type, easier to read in messages. */
export type Flat<T> = T extends object ? { [K in keyof T]: T[K] } : T;

type CamelCase<N extends string> = N extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : N;

type TypeNamed<N extends string, Types> = N extends `${infer Item}[]${string}`
  ? TypeNamed<Item, Types>[]
  : N extends `${infer Base}:${string}` ? TypeNamed<Base, Types>
  : N extends keyof Types ? Types[N]
  : N extends keyof BuiltInTypes ? BuiltInTypes[N]
  : unknown;

/** The type of `name:type`, without its brackets. */
type ValueOf<D extends string, Types> = D extends `${string}:${infer N}`
  ? TypeNamed<N, Types>
  : string;

type ArgumentOf<D extends string, Types> = D extends `[${infer Inner}]`
  ? Inner extends `${string}...${string}` ? ValueOf<Inner, Types>[]
  : [ValueOf<Inner, Types>?]
  : D extends `<${infer Inner}>`
    ? Inner extends `${string}...${string}`
      ? [ValueOf<Inner, Types>, ...ValueOf<Inner, Types>[]]
    : [ValueOf<Inner, Types>]
  : [];

/** The arguments of `"<user:string> [port:integer]"`, as a tuple. */
export type ArgumentsOf<D extends string, Types> = string extends D
  // deno-lint-ignore no-explicit-any -- nothing is known about them
  ? any[]
  : D extends `${infer First} ${infer Rest}`
    ? [...ArgumentOf<First, Types>, ...ArgumentsOf<Rest, Types>]
  : ArgumentOf<D, Types>;

type FirstWord<F extends string> = F extends `${infer N},${string}` ? N
  : F extends `${infer N}=${string}` ? N
  : F extends `${infer N} ${string}` ? N
  : F;

type FlagName<F extends string> = F extends `${string}--${infer Long}`
  ? FirstWord<Long>
  : F extends `-${infer Short}` ? FirstWord<Short>
  : never;

/** What one use of the option gives: `true` if it takes no value. */
export type OptionValue<F extends string, Types, Default> =
  | NonNullable<Default>
  | (F extends `${string}<${infer D}>` ? ValueOf<D, Types>
    : F extends `${string}[${infer D}]` ? true | ValueOf<D, Types>
    : true);

type Collected<Value, Collect, Mapped> = Mapped extends undefined
  ? Collect extends true ? Value[] : Value
  : Mapped;

/** Properties `Options` with those of one more option. */
export type WithOption<
  Options,
  F extends string,
  Types,
  Required,
  Collect,
  Conflicts,
  Default,
  Mapped,
> = FlagName<F> extends `no-${infer Positive}`
  ? CamelCase<Positive> extends infer Name extends string
    ? Name extends keyof Options
      ? Omit<Options, Name> & { [K in Name]: Options[Name] | false }
    : Merge<Options, { [K in Name]: boolean }>
  : never
  : CamelCase<FlagName<F>> extends infer Name extends string ? Merge<
      Options,
      [Default] extends [undefined]
        ? [Required, Conflicts] extends [true, undefined] ? {
            [K in Name]: Collected<
              OptionValue<F, Types, Default>,
              Collect,
              Mapped
            >;
          }
        : {
          [K in Name]?: Collected<
            OptionValue<F, Types, Default>,
            Collect,
            Mapped
          >;
        }
        : {
          [K in Name]: Collected<
            OptionValue<F, Types, Default>,
            Collect,
            Mapped
          >;
        }
    >
  : never;
